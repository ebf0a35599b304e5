/**
 * How `oidc-provider` sees a registered client.
 *
 * It authenticates nobody: every request reaches it already authenticated by us, with a secret that exists in
 * this process only. The client's own credentials never get there.
 */
import type { ClientEntry } from '@carnet/registry'
import type { SigningAlgorithm } from '@carnet/tokens'
import type { ClientMetadata } from 'oidc-provider'

export interface ProjectionRules {
  /** Shared by all projections of this process and known to nobody else. */
  readonly internalSecret: string
  readonly idTokenAlgorithm: SigningAlgorithm
}

const OPENID_GRANTS = ['authorization_code', 'refresh_token']

export function projectClient(client: ClientEntry, rules: ProjectionRules): ClientMetadata {
  const signsIn = client.redirectUris.length > 0 && client.grantTypes.includes('authorization_code')
  return {
    client_id: client.id,
    client_name: client.name,
    client_secret: rules.internalSecret,
    token_endpoint_auth_method: 'client_secret_post',
    application_type: client.applicationType,
    redirect_uris: signsIn ? [...client.redirectUris] : [],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    response_types: signsIn ? ['code'] : [],
    grant_types: OPENID_GRANTS.filter((grant) => client.grantTypes.includes(grant)),
    id_token_signed_response_alg: rules.idTokenAlgorithm,
  }
}

/**
 * The issuer's metadata: one document, published as OpenID Connect Discovery and as RFC 8414.
 *
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata OpenID Connect Discovery §3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414 §2}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-7.1 ID-JAG §7.1}
 */
import { ID_JAG_TOKEN_TYPE, TOKEN_EXCHANGE_GRANT } from '@carnet/protocol'
import type { IssuerConfig } from '../config.ts'
import { OPENID_SCOPES } from './grants.ts'
import { ROUTES } from './routes.ts'

/** Members that are not supported are left out: strict parsers refuse `null`. */
export function issuerMetadata(config: IssuerConfig, acrValues: readonly string[]): Readonly<Record<string, unknown>> {
  const { issuer, signingAlgorithms, hideIdJagSupport } = config
  return {
    issuer,
    authorization_endpoint: issuer + ROUTES.authorization,
    token_endpoint: issuer + ROUTES.token,
    userinfo_endpoint: issuer + ROUTES.userinfo,
    jwks_uri: issuer + ROUTES.jwks,
    end_session_endpoint: issuer + ROUTES.endSession,
    revocation_endpoint: issuer + ROUTES.revocation,
    introspection_endpoint: issuer + ROUTES.introspection,
    carnet_servers_endpoint: issuer + ROUTES.servers,
    scopes_supported: [...OPENID_SCOPES],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE_GRANT],
    ...(!hideIdJagSupport && { identity_chaining_requested_token_types_supported: [ID_JAG_TOKEN_TYPE] }),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...signingAlgorithms],
    ...authenticationMembers('token_endpoint'),
    ...authenticationMembers('revocation_endpoint'),
    ...authenticationMembers('introspection_endpoint'),
    code_challenge_methods_supported: ['S256'],
    ...(acrValues.length > 0 && { acr_values_supported: [...acrValues] }),
    claim_types_supported: ['normal'],
    claims_supported: [
      ...['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'auth_time', 'acr', 'amr', 'sid'],
      ...['name', 'preferred_username', 'email', 'email_verified'],
    ],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: false,
    backchannel_logout_supported: false,
  }
}

/** `none` is not listed: a public client is an exception an administrator makes, and knows that it is. */
function authenticationMembers(endpoint: string): Readonly<Record<string, readonly string[]>> {
  return {
    [`${endpoint}_auth_methods_supported`]: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    [`${endpoint}_auth_signing_alg_values_supported`]: ['ES256', 'RS256', 'PS256', 'EdDSA'],
  }
}

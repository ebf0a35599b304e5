/**
 * Whether an authorization server can take part, and whether what it names is its own.
 *
 * There is no branch to an interactive flow at the server: a company that manages access must not be
 * outflanked by a consent page (CLI-08, THR-17).
 */
import {
  type AuthorizationServerMetadata,
  accept,
  ID_JAG_GRANT_PROFILE,
  type IssuerId,
  JWT_BEARER_GRANT,
  type ProtectedResourceMetadata,
} from '@carnet/protocol'
import type { Credentials } from '../config.ts'
import { sameOrigin } from '../http/urls.ts'
import { type Step, stop } from '../refusal.ts'

export interface Registration {
  readonly issuer: IssuerId
  readonly credentials: Credentials
}

/**
 * The first authorization server of the resource that this client is registered with. No other ever receives
 * anything, so a server that moves to a new one gets an error and not the old credentials (CLI-21).
 */
export function chooseRegistration(
  { authorization_servers }: ProtectedResourceMetadata,
  registrations: ReadonlyMap<string, Credentials>,
): Step<Registration> {
  for (const issuer of authorization_servers) {
    const credentials = registrations.get(issuer)
    if (credentials !== undefined) return accept({ issuer: issuer as IssuerId, credentials })
  }
  return stop('discovery', 'not-registered-at-server')
}

/**
 * Presence of the profile proves support; the jwt-bearer grant alone is tried too, because the profile member
 * is only recommended (Δ C-25).
 */
export function checkEnterpriseManaged(metadata: AuthorizationServerMetadata): Step<undefined> {
  const { authorization_grant_profiles_supported: profiles, grant_types_supported: grants } = metadata
  const possible = profiles?.includes(ID_JAG_GRANT_PROFILE) === true || grants?.includes(JWT_BEARER_GRANT) === true
  return possible ? accept() : stop('discovery', 'not-enterprise-managed')
}

/** A server that names another server's endpoint would have us send our credentials and grant there (THR-03). */
export function checkOwnEndpoints({
  issuer,
  token_endpoint,
  revocation_endpoint,
}: AuthorizationServerMetadata): Step<undefined> {
  const endpoints = [token_endpoint, ...(revocation_endpoint === undefined ? [] : [revocation_endpoint])]
  return endpoints.every((endpoint) => sameOrigin(endpoint, issuer)) ? accept() : stop('discovery', 'endpoint-foreign')
}

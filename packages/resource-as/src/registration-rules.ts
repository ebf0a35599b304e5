/**
 * What a trust entry and a governed resource must keep to, wherever they are stored (requirements §0.8).
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.1 ID-JAG §4.1}
 */

import type { ClientId } from '@carnet/protocol'
import { Fault, isScope, OFFLINE_ACCESS, type Random, resourceKey } from '@carnet/protocol'
import { hashSecret, newSecret } from '@carnet/tokens'
import type { GovernedResource, TrustedIssuer } from './ports.ts'

const MAX_ASSERTION_LIFETIME_SECONDS = 3600

/** @throws {Fault} `configuration-invalid` */
export function checkTrustedIssuer(entry: TrustedIssuer): TrustedIssuer {
  const { issuer, maxLifetimeSeconds, algorithms } = entry
  if (!URL.canParse(issuer)) throw invalid(issuer, 'issuer', 'must be a URL')
  if (!(maxLifetimeSeconds >= 1 && maxLifetimeSeconds <= MAX_ASSERTION_LIFETIME_SECONDS)) {
    throw invalid(issuer, 'maxLifetimeSeconds', 'must be 1 to 3600')
  }
  if (algorithms.length === 0) throw invalid(issuer, 'algorithms', 'must name at least one')
  return entry
}

/** @throws {Fault} `configuration-invalid` */
export function checkGovernedResource(entry: GovernedResource): GovernedResource {
  const { id, scopes, minimumScopes, tokenLifetimeSeconds } = entry
  if (resourceKey(id) === undefined) throw invalid(id, 'id', 'must be an absolute URI without fragment')
  if (!scopes.every((scope) => isScope(scope) && scope !== OFFLINE_ACCESS)) {
    throw invalid(id, 'scopes', 'must be scope tokens, and offline_access is none of a resource')
  }
  if (!minimumScopes.every((scope) => scopes.includes(scope))) throw invalid(id, 'minimumScopes', 'must be in scopes')
  if (!(tokenLifetimeSeconds >= 60 && tokenLifetimeSeconds <= 3600)) {
    throw invalid(id, 'tokenLifetimeSeconds', 'must be 60 to 3600')
  }
  return entry
}

function invalid(of: string, member: string, problem: string): Fault {
  return new Fault('configuration-invalid', `${JSON.stringify(of)}: ${member} ${problem}`)
}

export interface NewClientCredentials {
  readonly id: ClientId
  /** Shown once; only `secretHash` is stored. */
  readonly secret: string
  readonly secretHash: string
}

/** An id and a secret that are the same bytes raw and form-encoded (Δ C-34), and no URL. */
export function newClientCredentials(random: Random): NewClientCredentials {
  const secret = newSecret(random)
  return { id: `c-${random.token(12)}` as ClientId, secret, secretHash: hashSecret(secret) }
}

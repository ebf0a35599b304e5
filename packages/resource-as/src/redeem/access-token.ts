/**
 * The access token that answers an ID-JAG: for one MCP server, short-lived, in local names only.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 RFC 9068 §2.2}
 */
import {
  type EpochSeconds,
  formatScopes,
  type IdJagClaims,
  type IssuerId,
  type Scope,
  SOLE_TENANT,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import type { JwtClaims } from '@carnet/tokens'
import type { Account, GovernedResource } from '../ports.ts'

/** No access token lives longer, whatever is configured, in seconds (Δ C-15). */
export const MAX_TOKEN_LIFETIME_SECONDS = 3600

export interface AccessTokenFacts {
  readonly id: TokenId
  readonly self: IssuerId
  readonly account: Account
  readonly claims: IdJagClaims
  readonly resource: GovernedResource
  readonly scopes: readonly Scope[]
  readonly txn: Txn
  readonly now: EpochSeconds
}

/** When the token ends: by its resource's rule, and never after the account. */
export function tokenExpiry({
  now,
  resource,
  account,
}: Pick<AccessTokenFacts, 'now' | 'resource' | 'account'>): EpochSeconds {
  const lifetime = Math.min(resource.tokenLifetimeSeconds, MAX_TOKEN_LIFETIME_SECONDS)
  return Math.min(now + lifetime, account.endsAt ?? Number.POSITIVE_INFINITY) as EpochSeconds
}

/**
 * The claims of the token. Nothing of the assertion goes in that is not named here: no subject of the issuer, no
 * e-mail address, and no `act`, which grants nothing (Δ C-28).
 */
export function accessTokenClaims(facts: AccessTokenFacts): JwtClaims {
  const { id, self, account, claims, resource, scopes, txn, now } = facts
  return {
    iss: self,
    sub: account.id,
    aud: resource.id,
    client_id: claims.client_id,
    iat: now,
    exp: tokenExpiry(facts),
    jti: id,
    scope: formatScopes(scopes),
    txn,
    sid: claims.sid,
    tenant: account.tenant === SOLE_TENANT ? undefined : account.tenant,
    auth_time: claims.auth_time,
    acr: claims.acr,
    amr: claims.amr,
  }
}

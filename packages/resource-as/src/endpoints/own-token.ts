/**
 * Decides whether a token is one of this server's own access tokens, and still alive.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068 §4}
 */
import {
  ACCESS_TOKEN_JWT_TYPE,
  type AccessTokenClaims,
  accept,
  accessTokenClaims,
  type EpochSeconds,
  type IssuerId,
  type Result,
  refuse,
  SOLE_TENANT,
} from '@carnet/protocol'
import type { RevocableFacts, RevocationIndex } from '@carnet/revocation'
import { type KeyRing, peekJwt, publishedAt, verifySignature } from '@carnet/tokens'

export type OwnTokenRefusal = { readonly reason: 'not-ours' | 'expired' | 'revoked' }

export type OwnTokenVerdict = Result<AccessTokenClaims, OwnTokenRefusal>

export interface OwnTokenContext {
  readonly self: IssuerId
  readonly ring: KeyRing
  readonly now: EpochSeconds
}

/** @param token - attacker-controlled */
export function verifyOwnToken(token: string, context: OwnTokenContext): OwnTokenVerdict {
  const { self, ring, now } = context
  const unverified = peekJwt(token)
  if (unverified?.typ !== ACCESS_TOKEN_JWT_TYPE) return refuse({ reason: 'not-ours' })
  const key = publishedAt(ring, now).find(({ kid }) => kid === unverified.kid)
  const payload = key === undefined ? undefined : verifySignature(token, key)
  if (payload === undefined || !payload.ok) return refuse({ reason: 'not-ours' })
  const claims = accessTokenClaims.safeParse(payload.value)
  if (!claims.success || claims.data.iss !== self) return refuse({ reason: 'not-ours' })
  if (claims.data.exp <= now) return refuse({ reason: 'expired' })
  return accept(claims.data)
}

/** Whether anything that ended since ends this token. */
export function checkNotRevoked(claims: AccessTokenClaims, index: RevocationIndex): Result<undefined, OwnTokenRefusal> {
  return resourcesOf(claims).some((resource) => index.find({ ...factsOf(claims), resource }) !== undefined)
    ? refuse({ reason: 'revoked' })
    : accept()
}

export function resourcesOf({
  aud,
}: AccessTokenClaims): readonly Exclude<AccessTokenClaims['aud'], readonly unknown[]>[] {
  return typeof aud === 'string' ? [aud] : aud
}

function factsOf({ tenant, sub, client_id, sid, jti, iat }: AccessTokenClaims): RevocableFacts {
  return {
    tenant: tenant ?? SOLE_TENANT,
    subject: sub,
    client: client_id,
    session: sid,
    resource: undefined,
    token: jti,
    issuedAt: iat,
  }
}

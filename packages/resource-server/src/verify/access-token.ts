/**
 * Decides whether a JWT is an access token for this MCP server, from an authorization server it trusts.
 *
 * What may change while a token lives (its expiry, a revocation) is checked on every request, in `standing.ts`.
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
  type ResourceId,
  type Result,
  refuse,
} from '@carnet/protocol'
import { type KeySource, peekJwt, type SigningAlgorithm, verifiedPayload } from '@carnet/tokens'
import type { TokenRefusal } from '../refusals.ts'

/** One authorization server: its name, its keys, and nobody else's. */
export interface IssuerTrust {
  readonly issuer: IssuerId
  readonly keys: KeySource
  readonly algorithms: readonly SigningAlgorithm[]
}

/** What the guard knows when a token arrives. No field is optional, so no check can be left out. */
export interface TokenContext {
  /** This MCP server's own resource identifier. */
  readonly resource: ResourceId
  readonly issuers: ReadonlyMap<string, IssuerTrust>
  readonly now: EpochSeconds
  /** Tolerated clock difference, in seconds. */
  readonly skewSeconds: number
}

/**
 * @param token - attacker-controlled
 * @throws {Fault} `keys-unavailable`: not the client's fault
 */
export async function verifyAccessToken(
  token: string,
  context: TokenContext,
): Promise<Result<AccessTokenClaims, TokenRefusal>> {
  const unverified = peekJwt(token)
  if (unverified === undefined) return refuse({ reason: 'malformed' })
  if (unverified.typ !== ACCESS_TOKEN_JWT_TYPE) return refuse({ reason: 'wrong-type', typ: unverified.typ })

  const issuer = context.issuers.get(unverified.iss ?? '')
  if (issuer === undefined) return refuse({ reason: 'unknown-issuer', iss: unverified.iss })

  const payload = await verifiedPayload(token, issuer)
  if (!payload.ok) return payload

  const claims = accessTokenClaims.safeParse(payload.value)
  if (!claims.success) {
    return refuse({ reason: 'invalid-claims', paths: claims.error.issues.map(({ path }) => path.join('.')) })
  }
  return checkClaims(claims.data, context)
}

function checkClaims(claims: AccessTokenClaims, context: TokenContext): Result<AccessTokenClaims, TokenRefusal> {
  const { resource, now, skewSeconds } = context
  const { aud, iat, nbf, cnf } = claims

  const audiences = typeof aud === 'string' ? [aud] : aud
  if (!audiences.includes(resource)) return refuse({ reason: 'wrong-audience', aud: audiences })
  if (iat > now + skewSeconds) return refuse({ reason: 'not-yet-valid', claim: 'iat' })
  if (nbf !== undefined && nbf > now + skewSeconds) return refuse({ reason: 'not-yet-valid', claim: 'nbf' })
  // A token bound to a key is worth nothing without proof of that key, and no proof is understood here.
  if (cnf !== undefined) return refuse({ reason: 'key-bound' })
  return accept(claims)
}

/**
 * Validates an ID Token before it is kept.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation OpenID Connect Core §3.1.3.7}
 */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  type IdTokenClaims,
  type IssuerId,
  idTokenClaims,
  type Subject,
} from '@carnet/protocol'
import { SIGNING_ALGORITHMS, type SignatureTrust, verifiedPayload } from '@carnet/tokens'
import { type Step, stop } from '../refusal.ts'

/** What the ID Token must say. No field is optional, so no check can be left out. */
export interface ExpectedIdToken {
  readonly issuer: IssuerId
  readonly client: ClientId
  /** Of the authorization request; `undefined` after a refresh, where the token may carry none. */
  readonly nonce: string | undefined
  /** The person who is signed in; `undefined` at a first sign-in. */
  readonly subject: Subject | undefined
  readonly now: EpochSeconds
  /** Tolerated difference between the issuer's clock and this machine's, in seconds. */
  readonly skewSeconds: number
}

/**
 * @param idToken - from the token endpoint
 * @throws {Fault} `keys-unavailable`, from the issuer's key source
 */
export async function verifyIdToken(
  idToken: string,
  expected: ExpectedIdToken,
  keys: SignatureTrust['keys'],
): Promise<Step<IdTokenClaims>> {
  const payload = await verifiedPayload(idToken, { keys, algorithms: SIGNING_ALGORITHMS })
  return payload.ok ? checkIdToken(payload.value, expected) : stop('sign-in', 'id-token-invalid')
}

/** One rule per line. */
export function checkIdToken(payload: unknown, expected: ExpectedIdToken): Step<IdTokenClaims> {
  const claims = idTokenClaims.safeParse(payload)
  if (!claims.success) return stop('sign-in', 'id-token-invalid')
  const { iss, sub, aud, azp, exp, iat, nbf, nonce } = claims.data
  const { issuer, client, now, skewSeconds } = expected
  const audiences = typeof aud === 'string' ? [aud] : aud

  if (iss !== issuer) return stop('sign-in', 'id-token-invalid')
  if (!audiences.includes(client)) return stop('sign-in', 'id-token-invalid')
  if (audiences.length > 1 && azp === undefined) return stop('sign-in', 'id-token-invalid')
  if (azp !== undefined && azp !== client) return stop('sign-in', 'id-token-invalid')
  if (exp <= now - skewSeconds) return stop('sign-in', 'id-token-invalid')
  if (iat > now + skewSeconds) return stop('sign-in', 'id-token-invalid')
  if (nbf !== undefined && nbf > now + skewSeconds) return stop('sign-in', 'id-token-invalid')
  if (expected.nonce !== undefined && nonce !== expected.nonce) return stop('sign-in', 'id-token-invalid')
  if (expected.subject !== undefined && sub !== expected.subject) return stop('sign-in', 'person-changed')
  return accept(claims.data)
}

/** Digests, and identifiers derived from a secret. */
import { createHmac, hash } from 'node:crypto'

export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer')
}

/** SHA-256 as base64url text: what is stored and compared in place of a token value. */
export function sha256Text(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url')
}

/**
 * An identifier that is stable for the same parts and tells nobody without the secret what the parts were:
 * pairwise subjects and session ids.
 *
 * @param secret - at least 32 random bytes, or their text
 * @param parts - what it is for, whom it is towards, and what it stands for; any text
 * @returns 43 characters of base64url
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg OpenID Connect Core §8.1}
 */
export function pairwise(secret: string | Uint8Array, ...parts: readonly string[]): string {
  // JSON keeps the parts apart: ("ab", "c") and ("a", "bc") must not meet.
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url')
}

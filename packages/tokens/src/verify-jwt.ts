/**
 * Verifies the signature of a JWT and hands out the claims it covers.
 *
 * The algorithm is chosen by the caller's list and the key's own binding, never by the token alone, and key
 * material in the header is not looked at.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 RFC 7515 §5.2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3 RFC 8725 §3}
 */
import { accept, type Result, refuse } from '@carnet/protocol'
import { signatureHolds } from './algorithms.ts'
import { type CompactJws, decodeObject, readCompactJws } from './compact-jws.ts'
import type { JwtClaims, KeySource, SignatureRefusal, SigningAlgorithm, VerificationKey } from './types.ts'

/** Whose signature is believed. No field is optional, so no check can be left out. */
export interface SignatureTrust {
  /** The keys of the one issuer the token claims to be from. */
  readonly keys: KeySource
  /** The algorithms this issuer may use. */
  readonly algorithms: readonly SigningAlgorithm[]
}

/**
 * Verifies `token` with a key of one issuer.
 *
 * @param token - attacker-controlled
 * @returns the claims; their meaning is still to be checked
 * @throws {Fault} `keys-unavailable`, from the key source
 */
export async function verifiedPayload(
  token: string,
  { keys, algorithms }: SignatureTrust,
): Promise<Result<JwtClaims, SignatureRefusal>> {
  const jws = readCompactJws(token)
  if (jws === undefined) return refuse({ reason: 'malformed' })
  const alg = acceptableAlgorithm(jws, algorithms)
  if (!alg.ok) return alg

  const key = await keys.find(jws.kid, alg.value)
  if (key === undefined) return refuse({ reason: 'unknown-key' })
  return signedClaims(jws, key)
}

/**
 * Verifies `token` with one key that is already at hand, synchronously.
 *
 * @param token - attacker-controlled
 */
export function verifySignature(token: string, key: VerificationKey): Result<JwtClaims, SignatureRefusal> {
  const jws = readCompactJws(token)
  if (jws === undefined) return refuse({ reason: 'malformed' })
  const alg = acceptableAlgorithm(jws, [key.alg])
  if (!alg.ok) return alg

  if (jws.kid !== undefined && jws.kid !== key.kid) return refuse({ reason: 'unknown-key' })
  return signedClaims(jws, key)
}

function acceptableAlgorithm(
  { header, alg }: CompactJws,
  algorithms: readonly SigningAlgorithm[],
): Result<SigningAlgorithm, SignatureRefusal> {
  // Carnet understands no extension, so whatever is marked critical is unknown (RFC 7515 §4.1.11).
  if (header.crit !== undefined) return refuse({ reason: 'unknown-critical-header' })
  const allowed = algorithms.find((algorithm) => algorithm === alg)
  return allowed === undefined ? refuse({ reason: 'unacceptable-algorithm' }) : accept(allowed)
}

function signedClaims(jws: CompactJws, key: VerificationKey): Result<JwtClaims, SignatureRefusal> {
  if (key.alg !== jws.alg) return refuse({ reason: 'unacceptable-algorithm' })
  const input = Buffer.from(jws.signingInput, 'latin1')
  const signature = Buffer.from(jws.signaturePart, 'base64url')
  if (!signatureHolds(key.alg, key.publicKey, input, signature)) return refuse({ reason: 'bad-signature' })
  const claims = decodeObject(jws.payloadPart)
  return claims === undefined ? refuse({ reason: 'malformed' }) : accept(claims)
}

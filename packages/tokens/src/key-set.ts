/**
 * Reads a peer's JWK Set: which of its keys may verify what.
 *
 * A key that cannot be used is left out, as the specification asks; a set that could be read in two ways is
 * refused as a whole.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517 §5}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 RFC 8725 §3.1}
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { accept, type KeyId, parseStrictJson, type Result, refuse } from '@carnet/protocol'
import { keyFits } from './algorithms.ts'
import { thumbprint } from './jwk.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm, type VerificationKey } from './types.ts'

export const MAX_KEY_SET_BYTES = 256 * 1024
export const MAX_KEYS = 100

export type KeySetRefusal = {
  readonly reason: 'key-set-too-large' | 'key-set-malformed' | 'too-many-keys' | 'duplicate-key-id'
}

/** @param json - attacker-controlled */
export function parseKeySet(json: string): Result<readonly VerificationKey[], KeySetRefusal> {
  if (json.length > MAX_KEY_SET_BYTES) return refuse({ reason: 'key-set-too-large' })
  const document = parseStrictJson(json)
  if (!document.ok) return refuse({ reason: 'key-set-malformed' })
  const jwks = membersOf(document.value)?.keys
  if (!Array.isArray(jwks)) return refuse({ reason: 'key-set-malformed' })
  if (jwks.length > MAX_KEYS) return refuse({ reason: 'too-many-keys' })
  if (!kidsAreUnique(jwks)) return refuse({ reason: 'duplicate-key-id' })
  return accept(jwks.map(verificationKey).filter((key) => key !== undefined))
}

function kidsAreUnique(jwks: readonly unknown[]): boolean {
  const kids = jwks.map((jwk) => membersOf(jwk)?.kid).filter((kid) => kid !== undefined)
  return new Set(kids).size === kids.length
}

function verificationKey(value: unknown): VerificationKey | undefined {
  const jwk = membersOf(value)
  if (jwk === undefined || !isForVerifying(jwk)) return undefined
  // A private key that was published is anybody's.
  if (PRIVATE_MEMBERS.some((name) => jwk[name] !== undefined)) return undefined
  const alg = algorithmOf(jwk)
  const publicKey = importPublicKey(jwk)
  if (alg === undefined || publicKey === undefined || !keyFits(alg, publicKey)) return undefined
  return { kid: typeof jwk.kid === 'string' ? (jwk.kid as KeyId) : thumbprint(publicKey), alg, publicKey }
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

function isForVerifying({ use, key_ops }: Members): boolean {
  if (use !== undefined && use !== 'sig') return false
  return key_ops === undefined || (Array.isArray(key_ops) && key_ops.includes('verify'))
}

/** The one algorithm a key is bound to: its own `alg`, else what its type is used for by every OpenID provider. */
function algorithmOf({ alg, kty }: Members): SigningAlgorithm | undefined {
  if (alg !== undefined) return SIGNING_ALGORITHMS.find((algorithm) => algorithm === alg)
  return typeof kty === 'string' ? USUAL_ALGORITHM.get(kty) : undefined
}

const USUAL_ALGORITHM = new Map<string, SigningAlgorithm>([
  ['EC', 'ES256'],
  ['RSA', 'RS256'],
  ['OKP', 'EdDSA'],
])

function importPublicKey({ kty, crv, x, y, n, e }: Members): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' })
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

type Members = Readonly<Record<string, unknown>>

function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null ? (value as Members) : undefined
}

/**
 * Keys as JSON.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-4 RFC 7517 §4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7638#section-3 RFC 7638 §3}
 */
import { hash, type JsonWebKey, type KeyObject } from 'node:crypto'
import { Fault, type KeyId } from '@carnet/protocol'
import type { SigningKey, VerificationKey } from './types.ts'

/** The members that make a public key of each type, in the order of a thumbprint. */
const PUBLIC_MEMBERS = new Map<string | undefined, readonly (keyof JsonWebKey)[]>([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['RSA', ['e', 'kty', 'n']],
  ['OKP', ['crv', 'kty', 'x']],
])

export type PublicJwk = Readonly<Record<string, string>> & { readonly kid: string; readonly alg: string }

export interface PublicJwks {
  readonly keys: readonly PublicJwk[]
}

/**
 * The JWK Set to publish: public members only, each key with `kid`, `use` and `alg`.
 *
 * @throws {Fault} `configuration-invalid` where two keys share a `kid`
 */
export function publicJwks(keys: Iterable<VerificationKey>): PublicJwks {
  const jwks = [...keys].map(publicJwk)
  const kids = new Set(jwks.map(({ kid }) => kid))
  if (kids.size !== jwks.length) throw new Fault('configuration-invalid', 'Two keys of a key set share a key id')
  return { keys: jwks }
}

function publicJwk({ kid, alg, publicKey }: VerificationKey): PublicJwk {
  return { ...publicMembers(publicKey), kid, use: 'sig', alg }
}

function publicMembers(key: KeyObject): Record<string, string> {
  const jwk = key.export({ format: 'jwk' })
  const names = PUBLIC_MEMBERS.get(jwk.kty) ?? []
  return Object.fromEntries(names.map((name) => [name, String(jwk[name])]))
}

/**
 * Signing keys with their private members, for a library that runs inside the same trust domain. Never to be
 * published, stored or logged.
 */
export function unsafePrivateJwks(keys: Iterable<SigningKey>): { keys: (JsonWebKey & { kid: string; alg: string })[] } {
  return {
    keys: [...keys].map(({ kid, alg, privateKey }) => ({
      ...privateKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
      alg,
    })),
  }
}

/** The SHA-256 thumbprint of a public key: a key id nobody has to invent. */
export function thumbprint(key: KeyObject): KeyId {
  return hash('sha256', JSON.stringify(publicMembers(key)), 'base64url') as KeyId
}

/**
 * Signs JWTs in compact form, synchronously: the token is what the two grants spend their time on.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.1 RFC 7515 §5.1}
 */
import { signatureOf } from './algorithms.ts'
import type { JwtClaims, SigningKey } from './types.ts'

export interface JwtSigning {
  /** Explicit type, so that one kind of token never passes for another (RFC 8725 §3.11). */
  readonly typ: string
  readonly key: SigningKey
  /** Further header parameters; `alg`, `typ` and `kid` are not theirs to change. */
  readonly header?: JwtClaims
}

/** @param claims - members that are `undefined` are left out */
export function signJwt(claims: JwtClaims, { typ, key, header }: JwtSigning): string {
  const headerPart = header === undefined ? plainHeader(key, typ) : encodeHeader(key, typ, header)
  const input = `${headerPart}.${encode(claims)}`
  return `${input}.${signatureOf(key.alg, key.privateKey, Buffer.from(input, 'latin1')).toString('base64url')}`
}

const plainHeaders = new WeakMap<SigningKey, Map<string, string>>()

function plainHeader(key: SigningKey, typ: string): string {
  const byType = plainHeaders.get(key) ?? new Map<string, string>()
  const known = byType.get(typ)
  if (known !== undefined) return known
  const part = encodeHeader(key, typ, {})
  plainHeaders.set(key, byType.set(typ, part))
  return part
}

function encodeHeader({ alg, kid }: SigningKey, typ: string, more: JwtClaims): string {
  return encode({ ...more, alg, typ, kid })
}

function encode(value: JwtClaims): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}

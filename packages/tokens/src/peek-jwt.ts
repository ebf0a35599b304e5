/**
 * Reads what a JWT says of itself before anything has been verified.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.11 RFC 8725 §3.11}
 */
import { decodeObject, readCompactJws } from './compact-jws.ts'
import type { PeekedJwt } from './types.ts'

/**
 * Good for choosing whose keys to ask for and which kind of token this is, and for nothing else.
 *
 * @param token - attacker-controlled
 * @returns `undefined` where `token` is not a well-formed JWT of bounded size
 */
export function peekJwt(token: string): PeekedJwt | undefined {
  const jws = readCompactJws(token)
  if (jws === undefined) return undefined
  const payload = decodeObject(jws.payloadPart)
  if (payload === undefined) return undefined
  const { header, alg, kid } = jws
  const { typ = '' } = header
  const { iss } = payload
  if (typeof typ !== 'string') return undefined
  return { header, alg, kid, typ: bareType(typ), iss: typeof iss === 'string' ? iss : undefined }
}

/** `typ` values are media types: without case, and `application/` may be left out (RFC 7515 §4.1.9). */
function bareType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

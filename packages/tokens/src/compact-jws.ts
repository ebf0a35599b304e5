/**
 * Takes a compact JWS apart: three canonical base64url parts and a header that is one unambiguous JSON object.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 RFC 7515 §7.1}
 */
import { isUtf8 } from 'node:buffer'
import { type KeyId, parseStrictJson } from '@carnet/protocol'
import type { JwtClaims } from './types.ts'

/** Longest compact JWT that is looked at, in characters (requirements §0.8). */
export const MAX_JWT_LENGTH = 16 * 1024

export interface CompactJws {
  readonly header: JwtClaims
  readonly alg: string
  readonly kid: KeyId | undefined
  /** Undecoded, so that nothing reads a payload by accident before its signature holds. */
  readonly payloadPart: string
  readonly signaturePart: string
  /** Header and payload as they were signed. */
  readonly signingInput: string
}

/** One encoding per byte string: no padding, no other alphabet, no stray bits after the last byte. */
const CANONICAL_BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

/** @param token - attacker-controlled */
export function readCompactJws(token: string): CompactJws | undefined {
  if (token.length > MAX_JWT_LENGTH) return undefined
  const parts = token.split('.', 4)
  const [headerPart, payloadPart, signaturePart] = parts
  if (parts.length !== 3 || !headerPart || !payloadPart || signaturePart === undefined) return undefined
  if (!parts.every((part) => CANONICAL_BASE64URL.test(part))) return undefined

  const header = decodeObject(headerPart)
  if (header === undefined) return undefined
  const { alg, kid } = header
  if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string')) return undefined
  const signingInput = token.slice(0, headerPart.length + 1 + payloadPart.length)
  return { header, alg, kid: kid as KeyId | undefined, payloadPart, signaturePart, signingInput }
}

/** The JSON object a part encodes, if it is one that no two parsers dispute. */
export function decodeObject(part: string): JwtClaims | undefined {
  const bytes = Buffer.from(part, 'base64url')
  if (!isUtf8(bytes)) return undefined
  const json = parseStrictJson(bytes.toString('utf8'))
  return json.ok && isObject(json.value) ? json.value : undefined
}

function isObject(value: unknown): value is JwtClaims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

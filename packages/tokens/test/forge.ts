/** Builds tokens no honest signer would: every part is given. */
import { createHmac } from 'node:crypto'
import { signatureOf } from '../src/algorithms.ts'
import type { SigningAlgorithm, SigningKey } from '../src/index.ts'

/** @param part - an object, or text that is encoded as it is */
export function encoded(part: object | string | Uint8Array): string {
  const bytes = typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part)
  return Buffer.from(bytes).toString('base64url')
}

/** Signs whatever it is given, with `alg` in fact, whatever the header says. */
export function forged(
  header: object | string,
  payload: object | string | Uint8Array,
  key: SigningKey,
  alg: SigningAlgorithm = key.alg,
): string {
  const input = `${encoded(header)}.${encoded(payload)}`
  return `${input}.${signatureOf(alg, key.privateKey, Buffer.from(input)).toString('base64url')}`
}

export function forgedWithSecret(header: object, payload: object, secret: string | Uint8Array): string {
  const input = `${encoded(header)}.${encoded(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

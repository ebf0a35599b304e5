/**
 * Encryption at rest: AES-256-GCM under a master key that is kept apart from what it protects.
 *
 * @see {@link https://csrc.nist.gov/pubs/sp/800/38/d/final NIST SP 800-38D}
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { Fault, type Random } from '@carnet/protocol'

/** 256 bits that seal other secrets. Does not print. */
export type MasterKey = KeyObject

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Reads a master key: 32 bytes, as base64url or base64 (what `newMasterKey` writes) or hexadecimal.
 *
 * @throws {Fault} `configuration-invalid`
 */
export function readMasterKey(text: string): MasterKey {
  const trimmed = text.trim()
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64url')
  return masterKeyOf(bytes)
}

/** @throws {Fault} `configuration-invalid` where there are not exactly 32 bytes */
export function masterKeyOf(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new Fault('configuration-invalid', 'A master key must be exactly 32 bytes')
  return createSecretKey(bytes)
}

/** A new master key, in the form `readMasterKey` reads. */
export function newMasterKey(random: Random): string {
  return random.token(KEY_BYTES)
}

/**
 * Seals `plain` so that it opens only under the same master key and the same `context`.
 *
 * @param context - what the sealed value is and whose: a value moved to another place does not open there
 * @returns base64url of nonce, tag and ciphertext
 */
export function seal(plain: Uint8Array, masterKey: MasterKey, context: string, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(context, 'utf8'))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
}

/** @throws {Fault} `configuration-invalid` where the master key is another one or the sealed value was changed */
export function unseal(sealed: string, masterKey: MasterKey, context: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url')
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  if (tag.length !== TAG_BYTES) throw doesNotOpen(context)
  const decipher = createDecipheriv('aes-256-gcm', masterKey, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context, 'utf8')).setAuthTag(tag)
  const plain = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch (error) {
    // A tag that does not match has no error code of its own.
    if (error instanceof Error && error.message.includes('unable to authenticate')) throw doesNotOpen(context)
    throw error
  }
}

function doesNotOpen(context: string): Fault {
  return new Fault(
    'configuration-invalid',
    `${JSON.stringify(context)} does not open: the master key is not the one it was sealed with, or it was changed`,
  )
}

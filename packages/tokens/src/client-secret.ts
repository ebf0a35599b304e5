/**
 * Secrets we hand out and recognise again.
 *
 * They are random, so a plain hash is enough to store; what matters is that a comparison takes the same time
 * whatever is presented.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Random } from '@carnet/protocol'
import { sha256, sha256Text } from './digest.ts'

/** 256 bits in an alphabet that is the same form-encoded and raw (Δ C-34). */
export function newSecret(random: Random): string {
  return random.token(32)
}

/** What is stored in place of a secret. */
export function hashSecret(secret: string): string {
  return sha256Text(secret)
}

/**
 * Whether `presented` is the secret behind `storedHash`. Does the same work where there is none, so that an
 * unknown client costs what a wrong secret costs.
 *
 * @param presented - attacker-controlled
 * @param storedHash - from `hashSecret`; `undefined` for a client that does not exist or has no secret
 */
export function secretMatches(presented: string, storedHash: string | undefined): boolean {
  const stored = Buffer.from(storedHash ?? NOBODY, 'base64url')
  const same = stored.length === DIGEST_BYTES && timingSafeEqual(sha256(presented), stored)
  return same && storedHash !== undefined
}

const DIGEST_BYTES = 32
const NOBODY = sha256Text('')

/**
 * Decides whether a presented secret is one of a client's.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749 §2.3.1}
 */
import type { EpochSeconds } from '@carnet/protocol'
import { secretMatches } from '@carnet/tokens'
import type { AuthenticatingClient } from './client.ts'

const LEAST_COMPARISONS = 2

/**
 * The hashes a presented secret is compared with: the current ones, and comparisons with none up to a fixed
 * number, so that an unknown client costs what a known one costs.
 */
export function hashesToCompare(
  client: AuthenticatingClient | undefined,
  now: EpochSeconds,
): readonly (string | undefined)[] {
  const current = (client?.secrets ?? []).filter(({ until }) => until === undefined || now < until)
  const padding = Math.max(0, LEAST_COMPARISONS - current.length)
  return [...current.map(({ sha256 }) => sha256), ...Array.from({ length: padding }, () => undefined)]
}

/**
 * Whether the secret is the client's. Every comparison is made, whichever succeeds.
 *
 * @param secret - attacker-controlled
 */
export function isClientSecret(secret: string, client: AuthenticatingClient | undefined, now: EpochSeconds): boolean {
  let matched = false
  for (const hash of hashesToCompare(client, now)) {
    if (secretMatches(secret, hash)) matched = true
  }
  return matched
}

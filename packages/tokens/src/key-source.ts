/** The keys of one issuer, when they are known beforehand. */
import type { KeyId } from '@carnet/protocol'
import type { KeySource, VerificationKey } from './types.ts'

/**
 * Selects a key by name. A token that names none is understood only where there is nothing to choose
 * (OpenID Connect Core §10.1).
 *
 * @param kid - attacker-controlled
 */
export function selectKey(keys: readonly VerificationKey[], kid: KeyId | undefined): VerificationKey | undefined {
  if (kid === undefined) return keys.length === 1 ? keys[0] : undefined
  return keys.find((key) => key.kid === kid)
}

/** A source that never asks anybody: registered client keys, or an issuer's own. */
export function staticKeySource(keys: readonly VerificationKey[]): KeySource {
  return { find: (kid) => Promise.resolve(selectKey(keys, kid)) }
}

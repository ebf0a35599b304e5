/** The public keys a client registered, parsed once for each version of its record. */
import { Fault } from '@carnet/protocol'
import { parseKeySet, type VerificationKey } from '@carnet/tokens'
import type { AuthenticatingClient } from './client.ts'

const NONE: readonly VerificationKey[] = []
const parsedSets = new WeakMap<object, readonly VerificationKey[]>()

/** @throws {Fault} `configuration-invalid` when the registered key set cannot be used: the administrator's to mend */
export function registeredKeys({ id, jwks }: AuthenticatingClient): readonly VerificationKey[] {
  if (typeof jwks !== 'object' || jwks === null) return NONE
  const known = parsedSets.get(jwks)
  if (known !== undefined) return known
  const set = parseKeySet(JSON.stringify(jwks))
  if (!set.ok) throw new Fault('configuration-invalid', `The key set of client ${JSON.stringify(id)} is not usable`)
  parsedSets.set(jwks, set.value)
  return set.value
}

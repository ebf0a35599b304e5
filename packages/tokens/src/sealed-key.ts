/** Signing keys as they are stored: everything readable except the private part. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { EpochSeconds, KeyId, Random } from '@carnet/protocol'
import { type MasterKey, seal, unseal } from './seal.ts'
import type { SigningAlgorithm, SigningKey } from './types.ts'

/** Plain data, fit for a row or a JSON file. */
export interface SealedSigningKey {
  readonly kid: KeyId
  readonly alg: SigningAlgorithm
  readonly signsFrom: EpochSeconds
  readonly signsUntil: EpochSeconds | undefined
  readonly publishedUntil: EpochSeconds | undefined
  /** The private key, encrypted under the master key and bound to `kid` and `alg`. */
  readonly sealed: string
}

export function sealSigningKey(key: SigningKey, masterKey: MasterKey, random: Random): SealedSigningKey {
  const { kid, alg, signsFrom, signsUntil, publishedUntil, privateKey } = key
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' })
  return { kid, alg, signsFrom, signsUntil, publishedUntil, sealed: seal(plain, masterKey, contextOf(key), random) }
}

/** @throws {Fault} `configuration-invalid` where the master key is another one or the row was changed */
export function openSigningKey(stored: SealedSigningKey, masterKey: MasterKey): SigningKey {
  const { sealed, ...facts } = stored
  const plain = unseal(sealed, masterKey, contextOf(stored))
  const privateKey = createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
  return { ...facts, privateKey, publicKey: createPublicKey(privateKey) }
}

function contextOf({ kid, alg }: { readonly kid: KeyId; readonly alg: SigningAlgorithm }): string {
  return `signing key ${kid} (${alg})`
}

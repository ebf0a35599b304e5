/** Makes signing keys. */
import { KeyObject } from 'node:crypto'
import type { EpochSeconds, KeyId } from '@carnet/protocol'
import { generateKeyPair } from 'jose'
import { MIN_RSA_BITS } from './algorithms.ts'
import { thumbprint } from './jwk.ts'
import type { SigningAlgorithm, SigningKey } from './types.ts'

export interface NewKeyOptions {
  /** The key's thumbprint unless given. */
  readonly kid?: string
  /** When the key starts signing; at once unless given. `rotated` sets it for keys that must be published first. */
  readonly signsFrom?: EpochSeconds
}

export async function generateSigningKey(alg: SigningAlgorithm, options: NewKeyOptions = {}): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: MIN_RSA_BITS })
  const publicKey = KeyObject.from(pair.publicKey)
  return {
    kid: (options.kid as KeyId | undefined) ?? thumbprint(publicKey),
    alg,
    publicKey,
    privateKey: KeyObject.from(pair.privateKey),
    signsFrom: options.signsFrom ?? (0 as EpochSeconds),
    signsUntil: undefined,
    publishedUntil: undefined,
  }
}

/** What follows from the master key: one secret for each purpose, so that none stands in for another. */
import type { Hidden } from '@carnet/protocol'
import { type MasterKey, pairwise, readMasterKey } from '@carnet/tokens'

export interface Secrets {
  /** Seals private keys at rest. */
  readonly masterKey: MasterKey
  /** Signs the cookies of the issuer's pages. */
  readonly cookieKey: string
  /** Makes pairwise subjects and session ids. Whoever changes the master key changes them. */
  readonly pairwiseKey: Uint8Array
}

/** @throws {Fault} `configuration-invalid` where the text is not 32 bytes of base64url */
export function secretsOf(masterKey: Hidden): Secrets {
  const text = masterKey.reveal()
  return {
    masterKey: readMasterKey(text),
    cookieKey: pairwise(text, 'cookie key'),
    pairwiseKey: Buffer.from(pairwise(text, 'pairwise key'), 'base64url'),
  }
}

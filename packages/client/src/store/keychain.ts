/** A key in the keychain of the operating system: Keychain, Credential Manager, Secret Service. */
import type { Random } from '@carnet/protocol'
import { type MasterKey, newMasterKey, readMasterKey } from '@carnet/tokens'
import type { StoreKey } from './store-key.ts'

/** What is needed of a keychain entry; `@napi-rs/keyring` has it. */
export interface KeychainEntry {
  getPassword(): Promise<string | null | undefined>
  setPassword(password: string): Promise<void>
}

/**
 * The keychain holds one key and the files hold the tokens, because some keychains take no value longer than a
 * few hundred characters.
 *
 * @param openEntry - opens an entry of a service; the operating system's keychain unless given
 */
export function keychainKey(service = 'carnet', account = 'token-store', openEntry = systemEntry): StoreKey {
  return {
    protection: 'os-keychain',
    open: async (_folder, random) => {
      const entry = await openEntry(service, account)
      return entry === undefined ? undefined : keyIn(entry, random)
    },
  }
}

async function keyIn(entry: KeychainEntry, random: Random): Promise<MasterKey | undefined> {
  try {
    const known = await entry.getPassword()
    if (known !== null && known !== undefined) return readMasterKey(known)
    await entry.setPassword(newMasterKey(random))
    // Read back, so that of two processes that start together both use the one that stayed.
    const kept = await entry.getPassword()
    return kept === null || kept === undefined ? undefined : readMasterKey(kept)
  } catch (error) {
    // A keychain that is absent, locked or forbidden reports it in its own words.
    if (error instanceof Error && error.name !== 'Fault') return undefined
    throw error
  }
}

async function systemEntry(service: string, account: string): Promise<KeychainEntry | undefined> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    return new AsyncEntry(service, account)
  } catch (error) {
    // An optional dependency: not installed, or without a build for this machine.
    if (error instanceof Error) return undefined
    throw error
  }
}

/**
 * Where the key that seals the token files comes from, and what that is worth.
 *
 * | Source | Whoever copies the folder | Another program of the same person |
 * |---|---|---|
 * | OS keychain | cannot read it | asks the keychain, which may ask the person |
 * | environment | cannot read it | can, where it can see the environment |
 * | passphrase | must guess it (scrypt) | cannot, while the passphrase is not in memory |
 * | key file | cannot, if the key file is not in the copy | **can**: this is file permissions and no more |
 */
import { scrypt } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault, type Hidden, type Random } from '@carnet/protocol'
import { type MasterKey, masterKeyOf, newMasterKey, readMasterKey } from '@carnet/tokens'
import { createOnce } from './files.ts'

export const PROTECTIONS = ['os-keychain', 'environment-key', 'passphrase', 'key-file'] as const
export type Protection = (typeof PROTECTIONS)[number]

export interface StoreKey {
  readonly protection: Protection
  /** `undefined` where this source does not work on this machine. */
  open(folder: string, random: Random): Promise<MasterKey | undefined>
}

/** @param text - 32 bytes as base64url or hexadecimal, from the application's environment; absent: not used */
export function environmentKey(text: Hidden | undefined): StoreKey {
  return {
    protection: 'environment-key',
    open: async () => (text === undefined ? undefined : readMasterKey(text.reveal())),
  }
}

/** About 0.3 s and 128 MiB for each guess. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }

export function passphraseKey(passphrase: Hidden): StoreKey {
  return {
    protection: 'passphrase',
    open: async (folder, random) => {
      const salt = await createOnce(join(folder, 'salt'), random.token(32), random)
      const derive = new Promise<Buffer>((resolve, reject) => {
        scrypt(passphrase.reveal().normalize('NFKC'), salt, 32, SCRYPT, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      })
      return masterKeyOf(await derive)
    },
  }
}

/**
 * A key in a file that only its owner may read. It protects a copy of the folder made without the key file, such
 * as a backup, and nothing else: whoever can read this person's files can read the tokens.
 *
 * @param path - better on another volume than the tokens; beside them unless given
 */
export function keyFile(path?: string): StoreKey {
  return {
    protection: 'key-file',
    open: async (folder, random) => {
      const file = path ?? join(folder, 'key')
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const text = await createOnce(file, newMasterKey(random), random)
      await checkPrivate(file)
      return readMasterKey(text)
    },
  }
}

async function checkPrivate(file: string): Promise<void> {
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Fault('configuration-invalid', `${file} can be read by others; its mode must be 0600`)
  }
}

/**
 * Tokens in encrypted files, one per entry, in a folder only its owner may enter.
 *
 * What the encryption is worth depends on where its key comes from; see `store-key.ts`.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault, Hidden, parseStrictJson, type Random } from '@carnet/protocol'
import { type MasterKey, seal, sha256Text, systemRandom, unseal } from '@carnet/tokens'
import lockfile from 'proper-lockfile'
import { z } from 'zod'
import { errorCode, readIfThere, replaceFile } from './files.ts'
import { PROTECTIONS, type Protection, type StoreKey } from './store-key.ts'
import type { TokenStore } from './token-store.ts'
import { Turns } from './turns.ts'

export interface FileStoreOptions {
  readonly folder: string
  /** Where the key may come from, best first; the first that works on this machine is used from then on. */
  readonly keys: readonly StoreKey[]
  readonly random?: Random
}

export interface FileStore extends TokenStore {
  /** What protects the files, to be shown to the person. */
  readonly protection: Protection
}

/** @throws {Fault} `configuration-invalid` where no key can be had, or not the one the folder was sealed with */
export async function openFileStore({ folder, keys, random = systemRandom }: FileStoreOptions): Promise<FileStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const release = await lock(join(folder, MARKER))
  try {
    const { key, protection } = await folderKey(folder, keys, random)
    return new SealedFiles(folder, key, protection, random)
  } finally {
    await release()
  }
}

const ENTRY = /^[A-Za-z0-9_-]{43}\.sealed$/
const entry = z.strictObject({ key: z.string(), value: z.string() })

class SealedFiles implements FileStore {
  readonly protection: Protection
  readonly #folder: string
  readonly #key: MasterKey
  readonly #random: Random
  readonly #turns = new Turns()

  constructor(folder: string, key: MasterKey, protection: Protection, random: Random) {
    this.#folder = folder
    this.#key = key
    this.protection = protection
    this.#random = random
  }

  async read(key: string): Promise<Hidden | undefined> {
    const found = await this.#open(nameOf(key))
    return found === undefined ? undefined : new Hidden(found.value)
  }

  async write(key: string, value: Hidden): Promise<void> {
    const name = nameOf(key)
    const plain = Buffer.from(JSON.stringify({ key, value: value.reveal() }), 'utf8')
    await replaceFile(join(this.#folder, name), seal(plain, this.#key, name, this.#random), this.#random)
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#folder, nameOf(key)), { force: true })
  }

  async keys(): Promise<readonly string[]> {
    const names = (await readdir(this.#folder)).filter((name) => ENTRY.test(name))
    const entries = await Promise.all(names.map((name) => this.#open(name)))
    return entries.filter((found) => found !== undefined).map(({ key }) => key)
  }

  async #open(name: string): Promise<z.output<typeof entry> | undefined> {
    const sealed = await readIfThere(join(this.#folder, name))
    if (sealed === undefined) return undefined
    const json = parseStrictJson(unseal(sealed, this.#key, name).toString('utf8'))
    return json.ok ? entry.parse(json.value) : undefined
  }

  async exclusively<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    return this.#turns.take(key, async () => {
      const release = await lock(join(this.#folder, nameOf(key)))
      try {
        return await work()
      } finally {
        await release()
      }
    })
  }
}

function nameOf(key: string): string {
  return `${sha256Text(key)}.sealed`
}

/** About half a minute of asking: longer than an exchange and a redemption may take together. */
const LOCK_RETRIES = { retries: 150, factor: 1.1, minTimeout: 10, maxTimeout: 250, randomize: true }
const LOCK_STALE_MILLISECONDS = 10_000

async function lock(path: string): Promise<() => Promise<void>> {
  const lost = { yes: false }
  try {
    const release = await lockfile.lock(path, {
      realpath: false,
      stale: LOCK_STALE_MILLISECONDS,
      retries: LOCK_RETRIES,
      // A machine that slept may have lost its turn. What follows is one exchange too many, never a wrong token.
      onCompromised: () => {
        lost.yes = true
      },
    })
    return async () => {
      if (!lost.yes) await release()
    }
  } catch (error) {
    if (errorCode(error) === 'ELOCKED') {
      throw new Fault('store-unavailable', 'Another process has held the token store for too long', { cause: error })
    }
    throw error
  }
}

const MARKER = 'store.json'
const MARKER_CONTEXT = 'carnet-token-store'
const marker = z.strictObject({ version: z.literal(1), protection: z.enum(PROTECTIONS), check: z.string() })

/**
 * The key of this folder. Once chosen, where it comes from never changes by itself: a keychain that is locked
 * today must not lead to a second, weaker store.
 */
async function folderKey(
  folder: string,
  keys: readonly StoreKey[],
  random: Random,
): Promise<{ readonly key: MasterKey; readonly protection: Protection }> {
  const path = join(folder, MARKER)
  const known = await readIfThere(path)
  if (known !== undefined) {
    const { protection, check } = marker.parse(JSON.parse(known))
    const source = keys.find((candidate) => candidate.protection === protection)
    const key = await source?.open(folder, random)
    if (key === undefined) {
      throw new Fault(
        'configuration-invalid',
        `${folder} was sealed with a key from ${protection}, which is not to be had now`,
      )
    }
    unseal(check, key, MARKER_CONTEXT)
    return { key, protection }
  }
  for (const source of keys) {
    const key = await source.open(folder, random)
    if (key === undefined) continue
    const check = seal(Buffer.from(MARKER), key, MARKER_CONTEXT, random)
    await replaceFile(path, JSON.stringify({ version: 1, protection: source.protection, check }), random)
    return { key, protection: source.protection }
  }
  const tried = keys.map(({ protection }) => protection).join(', ')
  throw new Fault('configuration-invalid', `No key for the token store in ${folder}; tried: ${tried || 'nothing'}`)
}

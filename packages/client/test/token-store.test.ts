/** What a token store promises, and what is left on the disk. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Fault, Hidden } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { SeededRandom } from '@carnet/testing'
import { newMasterKey } from '@carnet/tokens'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  environmentKey,
  type KeychainEntry,
  keychainKey,
  keyFile,
  memoryStore,
  openFileStore,
  passphraseKey,
  type StoreKey,
} from '../src/index.ts'
import { companyOnLoopback } from './fixture/on-loopback.ts'

const SECRET = 'eyJ-a-token-that-must-not-lie-about'
let folder: string

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'carnet-client-')), 'tokens')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const environment = environmentKey(new Hidden(newMasterKey(new SeededRandom('environment'))))

function keychain(kept: { password: string | null }): StoreKey {
  const entry: KeychainEntry = {
    getPassword: async () => kept.password,
    setPassword: async (password) => {
      kept.password = password
    },
  }
  return keychainKey('carnet', 'test', async () => entry)
}

const noKeychain = keychainKey('carnet', 'test', async () => ({
  getPassword: () => Promise.reject(new Error('no keychain service is running')),
  setPassword: () => Promise.reject(new Error('no keychain service is running')),
}))

const stores = {
  'in memory': async () => memoryStore(),
  'in files, key from the environment': () => openFileStore({ folder, keys: [environment] }),
  'in files, key from a passphrase': () =>
    openFileStore({ folder, keys: [passphraseKey(new Hidden('correct horse'))] }),
  'in files, key from a key file': () => openFileStore({ folder, keys: [keyFile()] }),
  'in files, key from a keychain': () => openFileStore({ folder, keys: [keychain({ password: null })] }),
}

for (const [name, open] of Object.entries(stores)) {
  describe(`a store ${name}`, () => {
    test('gives back what was written, and nothing after it was removed', async () => {
      const store = await open()
      expect(await store.read('a')).toBeUndefined()
      await store.write('a', new Hidden('1'))
      await store.write('b', new Hidden('2'))
      await store.write('a', new Hidden('3'))
      expect((await store.read('a'))?.reveal()).toBe('3')
      expect([...(await store.keys())].sort()).toEqual(['a', 'b'])
      await store.remove('a')
      await store.remove('a')
      expect(await store.read('a')).toBeUndefined()
      expect(await store.keys()).toEqual(['b'])
    })

    test('runs work for one key one at a time, and goes on after a failure', async () => {
      const store = await open()
      const order: string[] = []
      const work = (name: string, fails = false) =>
        store.exclusively('k', async () => {
          order.push(`${name} in`)
          await new Promise((resolve) => setImmediate(resolve))
          order.push(`${name} out`)
          if (fails) throw new Error(name)
        })
      const results = await Promise.allSettled([work('one', true), work('two'), work('three')])
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
      expect(order.join()).toMatch(/^(?:(\w+) in,\1 out,?)+$/)
    })
  })
}

proves('CLI-05', 'leaves nothing readable in the folder, and nothing others may open', async () => {
  for (const keys of [[environment], [keyFile(join(folder, '..', 'elsewhere', 'key'))]]) {
    await rm(folder, { recursive: true, force: true })
    const store = await openFileStore({ folder, keys })
    await store.write('who:alice', new Hidden(SECRET))
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const names = await readdir(folder)
    expect(names).toHaveLength(2)
    for (const name of names) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
      const content = await readFile(join(folder, name), 'latin1')
      expect(`${name}${content}`).not.toContain('alice')
      expect(content).not.toContain(SECRET)
      expect(Buffer.from(content, 'base64url').includes(SECRET)).toBe(false)
    }
  }
})

test('an entry moved to another name does not open', async () => {
  const store = await openFileStore({ folder, keys: [environment] })
  await store.write('a', new Hidden('1'))
  await store.write('b', new Hidden('2'))
  const [one, other] = (await readdir(folder)).filter((name) => name.endsWith('.sealed'))
  await writeFile(join(folder, one ?? ''), await readFile(join(folder, other ?? '')))
  await expect(Promise.all([store.read('a'), store.read('b')])).rejects.toThrow(Fault)
})

test('a folder opens with its own key and with no other', async () => {
  await openFileStore({ folder, keys: [passphraseKey(new Hidden('correct horse'))] })
  await expect(openFileStore({ folder, keys: [passphraseKey(new Hidden('wrong horse'))] })).rejects.toThrow(
    'does not open',
  )
  await expect(openFileStore({ folder, keys: [environment] })).rejects.toThrow('sealed with a key from passphrase')
  expect(
    (await openFileStore({ folder, keys: [environment, passphraseKey(new Hidden('correct horse'))] })).protection,
  ).toBe('passphrase')
})

test('the keychain comes first, and a locked one is not replaced by something weaker', async () => {
  const kept = { password: null }
  expect((await openFileStore({ folder, keys: [keychain(kept), keyFile()] })).protection).toBe('os-keychain')
  await expect(openFileStore({ folder, keys: [noKeychain, keyFile()] })).rejects.toThrow(
    'os-keychain, which is not to be had now',
  )
  expect((await openFileStore({ folder, keys: [keychain(kept), keyFile()] })).protection).toBe('os-keychain')
})

test('without a keychain the next source serves, and says what it is', async () => {
  expect((await openFileStore({ folder, keys: [noKeychain, environmentKey(undefined), keyFile()] })).protection).toBe(
    'key-file',
  )
  await expect(openFileStore({ folder: `${folder}-2`, keys: [noKeychain, environmentKey(undefined)] })).rejects.toThrow(
    'tried: os-keychain, environment-key',
  )
})

test('this machine’s own keychain either keeps a key or is passed over', async () => {
  const store = await openFileStore({ folder, keys: [keychainKey('carnet-test', folder), keyFile()] })
  expect(['os-keychain', 'key-file']).toContain(store.protection)
})

test('a key file that others can read is refused', async () => {
  await openFileStore({ folder, keys: [keyFile()] })
  await chmod(join(folder, 'key'), 0o644)
  await expect(openFileStore({ folder, keys: [keyFile()] })).rejects.toThrow('its mode must be 0600')
})

test('processes that share a store make one exchange between them', async () => {
  const { company, close } = await companyOnLoopback()
  const second = join(import.meta.dirname, 'fixture/second-process.mjs')
  const { id_token, refresh_token } = company.signedIn(undefined)
  const input = JSON.stringify({
    folder,
    origins: company.origins,
    server: company.server,
    id_token,
    refresh_token,
    now: company.clock.now(),
  })
  const run = promisify(execFile)
  const results = await Promise.all([1, 2, 3].map(() => run(process.execPath, [second, input])))
  expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1)
  expect(company.askedOf('ras.token')).toHaveLength(1)
  expect(company.liveTokens.has(results[0]?.stdout ?? '')).toBe(true)
  await close()
})

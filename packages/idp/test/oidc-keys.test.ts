/** Signing keys change under the feet of everybody who uses them, on every process. */
import type { KeyId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { type Database, openDatabase } from '@carnet/storage'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { describeOnBothDatabases } from '../../storage/test/both-databases.ts'
import { exchange, headerOf, quietLog, refresh, signIn, startWorld, tokensOf, type World } from './oidc-fixture.ts'
import { storesOn } from './oidc-stores.ts'

interface Jwks {
  readonly keys: readonly Record<string, string>[]
}
const jwksOf = async (world: World, origin = world.issuer) => (await (await fetch(`${origin}/jwks`)).json()) as Jwks

/** Every process has heard of the key. */
async function isPublished(world: World, kid: string | undefined): Promise<boolean> {
  const sets = await Promise.all(world.origins.map((origin) => jwksOf(world, origin)))
  return sets.every(({ keys }) => keys.some((key) => key.kid === kid))
}

const PATIENTLY = { timeout: 30_000, interval: 10 }

describeOnBothDatabases('key rotation', (open) => {
  let db: Database
  let world: World
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(async () => {
    world = await startWorld({ stores: storesOn(db), processes: 2 })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await world.close()
  })

  proves('IDP-45', 'under traffic fails nobody: sign-ins, refreshes and exchanges go on across it', async () => {
    let running = true
    const failures: unknown[] = []
    const kids = new Set<unknown>()
    const worker = async () => {
      while (running) {
        try {
          const tokens = await signIn(world, { scope: 'openid offline_access' })
          const renewed = tokensOf(await refresh(world, tokens.refreshToken))
          for (const idToken of [tokens.idToken, renewed.idToken]) {
            kids.add(headerOf(idToken).kid)
            const reply = await exchange(world, idToken)
            const { keys } = await jwksOf(world)
            const { kid } = headerOf(String(reply.json.access_token))
            if (reply.status !== 200 || !keys.some((key) => key.kid === kid)) failures.push(reply.json)
          }
        } catch (error) {
          failures.push(error)
        }
      }
    }
    const workers = Array.from({ length: 3 }, worker)
    const rotated: unknown[] = []
    for (let round = 0; round < 3; round++) {
      const kid = await world.issuers[round % 2]?.rotateKeys({ publishAheadSeconds: 0 })
      rotated.push(kid)
      await vi.waitUntil(() => isPublished(world, kid), PATIENTLY)
      later(3)
      await vi.waitUntil(() => kids.has(kid), PATIENTLY)
    }
    running = false
    await Promise.all(workers)
    expect(failures).toEqual([])
    expect(kids.size).toBeGreaterThanOrEqual(rotated.length)
  })

  proves('IDP-45', 'publishes a new key before it signs, and the old one until its last token is gone', async () => {
    const before = await signIn(world)
    const oldKid = headerOf(before.idToken).kid
    const newKid = await world.issuers[0]?.rotateKeys({ publishAheadSeconds: 300 })

    await vi.waitUntil(() => isPublished(world, newKid), PATIENTLY)
    expect(headerOf((await signIn(world)).idToken).kid).toBe(oldKid)

    later(301)
    expect(headerOf((await signIn(world)).idToken).kid).toBe(newKid)
    expect((await jwksOf(world)).keys.map(({ kid }) => kid)).toContain(oldKid)
    expect((await exchange(world, before.idToken)).status).toBe(200)

    later(3600 + 60)
    expect((await jwksOf(world)).keys.map(({ kid }) => kid)).not.toContain(oldKid)
  })

  proves('IDP-45', 'shows public members only', async () => {
    const { keys } = await jwksOf(world)
    for (const key of keys) {
      expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].includes(name))).toEqual(
        [],
      )
      expect(key).toMatchObject({ kid: expect.any(String), use: 'sig', alg: expect.stringMatching(/^(ES256|RS256)$/) })
    }
  })

  test('a key that was withdrawn is not believed any more, on any process', async () => {
    const { idToken } = await signIn(world)
    const kid = String(headerOf(idToken).kid)
    await world.issuers[0]?.withdrawKey(kid as KeyId)
    await vi.waitUntil(async () => {
      const answers = [await exchange(world, idToken), await exchange(world, idToken)]
      return answers.every(({ status }) => status === 400)
    }, PATIENTLY)
    expect((await exchange(world, (await signIn(world)).idToken)).status).toBe(200)
  })
})

function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
}

describe('the keys of an issuer', () => {
  let db: Database
  beforeAll(async () => {
    db = await openDatabase({ memory: true }, { log: quietLog })
  })
  afterAll(() => db.close())

  test('are made once, by whichever process starts first, and are sealed in the database', async () => {
    const world = await startWorld({ stores: storesOn(db), processes: 1 })
    try {
      const { keys } = await jwksOf(world)
      expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256'])
      const rows = await db.query<{ kid: string; sealed: string }>('select kid, sealed from signing_key')
      expect(rows.map(({ kid }) => kid).sort()).toEqual(keys.map(({ kid }) => kid ?? '').sort())
      for (const { sealed } of rows) expect(sealed).not.toMatch(/BEGIN|"d"/)
    } finally {
      await world.close()
    }
  })
})

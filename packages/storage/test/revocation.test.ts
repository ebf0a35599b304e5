import type { ClientId, EpochSeconds, ResourceId, SessionId, TenantId } from '@carnet/protocol'
import { SOLE_TENANT } from '@carnet/protocol'
import { createRevocationIndex, followLog, type RevocableFacts, systemTimer } from '@carnet/revocation'
import { createRevocationStore, type NewRevocation } from '@carnet/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeOnBothDatabases, quietLog } from './both-databases.ts'

const revocation = (id: string, change: Partial<NewRevocation> = {}): NewRevocation => ({
  id,
  tenant: SOLE_TENANT,
  target: { kind: 'subject', subject: 'alice' },
  keepSeconds: 660,
  reason: 'person.disabled',
  eventId: `event-${id}`,
  ...change,
})

const facts = (issuedAt: number): RevocableFacts => ({
  tenant: SOLE_TENANT,
  subject: 'alice',
  client: 'assistant' as ClientId,
  session: 'session-1' as SessionId,
  resource: 'https://mcp.chat.test/mcp' as ResourceId,
  token: undefined,
  issuedAt: issuedAt as EpochSeconds,
})

describeOnBothDatabases('revocation records', (open, kind) => {
  let realm = ''
  let next = 0
  beforeAll(async () => {
    await open()
  })
  const freshRealm = () => {
    realm = `https://auth.test/${++next}`
    return realm
  }

  test('are numbered in order, cut off by the database clock, and appended once', async () => {
    const db = await open()
    const store = createRevocationStore(db)
    freshRealm()
    const before = await db.now()
    const first = await store.append(realm, revocation('a'))
    const second = await store.append(realm, revocation('b', { target: { kind: 'everything' } }))
    const after = await db.now()
    expect([first.seq, second.seq]).toEqual([1, 2])
    expect(first.cutoff).toBeGreaterThanOrEqual(before)
    expect(first.cutoff).toBeLessThanOrEqual(after)
    expect(first.expiresAt).toBe(first.cutoff + 660)
    expect(await store.append(realm, revocation('a', { reason: 'again' }))).toEqual(first)
    expect(await store.log(realm).after(0, 10)).toEqual([first, second])
    expect(await store.log(realm).after(1, 10)).toEqual([second])
  })

  test('may have an earlier cut-off than now, never a later one', async () => {
    const store = createRevocationStore(await open())
    freshRealm()
    const now = await (await open()).now()
    expect((await store.append(realm, revocation('a', { cutoff: (now - 100) as EpochSeconds }))).cutoff).toBe(now - 100)
    expect((await store.append(realm, revocation('b', { cutoff: (now + 100) as EpochSeconds }))).cutoff).toBeLessThan(
      now + 50,
    )
  })

  test('of one realm are nothing to another, whose history has another name', async () => {
    const store = createRevocationStore(await open())
    const one = freshRealm()
    await store.append(one, revocation('a'))
    const other = freshRealm()
    expect(await store.log(other).after(0, 10)).toEqual([])
    expect(await store.log(one).generation()).not.toBe(await store.log(other).generation())
    expect(await store.log(one).generation()).toBe(
      await createRevocationStore(await open())
        .log(one)
        .generation(),
    )
    expect(await store.log(one).generation()).toMatch(/^[\w-]{1,64}$/)
  })

  test('become visible in the order of their numbers, however many append at once', async () => {
    const dbs = await Promise.all([open(), open(), open()])
    freshRealm()
    const seen: number[] = []
    let reading = true
    const log = createRevocationStore(dbs[0] ?? expect.fail()).log(realm)
    const reader = (async () => {
      while (reading || seen.length < 60) {
        for (const record of await log.after(seen.at(-1) ?? 0, 100)) seen.push(record.seq)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const stores = dbs.map(createRevocationStore)
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        (stores[n % stores.length] ?? expect.fail()).append(realm, revocation(`r${n}`)),
      ),
    )
    reading = false
    await reader
    expect(seen.length).toBe(60)
    expect(new Set(seen).size).toBe(60)
  })

  test('are part of the transaction they are appended in', async () => {
    const db = await open()
    const store = createRevocationStore(db)
    freshRealm()
    await expect(
      db.transaction(async (tx) => {
        await store.append(realm, revocation('never'), tx)
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect(await store.log(realm).after(0, 10)).toEqual([])
  })

  test('are heard by a process that follows them, wherever they were appended', async () => {
    const [here, there] = await Promise.all([open(), open()])
    freshRealm()
    const before = await createRevocationStore(there).append(realm, revocation('before'))
    const index = createRevocationIndex()
    const stop = await followLog(createRevocationStore(here).log(realm), index, { timer: systemTimer, log: quietLog })
    expect(index.find(facts(before.cutoff))?.id).toBe('before')
    const heard = new Promise<string>((resolve) => index.onApply(({ id }) => resolve(id)))
    await createRevocationStore(there).append(realm, revocation('after', { target: { kind: 'everything' } }))
    expect(await heard).toBe('after')
    stop()
  })

  test('are found in step by what is about to be issued', async () => {
    const db = await open()
    const store = createRevocationStore(db)
    freshRealm()
    const ask = (...asked: RevocableFacts[]) => db.transaction((tx) => store.findInStep(realm, asked, tx))
    const now = await db.now()
    expect(await ask(facts(now))).toEqual([undefined])
    const { cutoff } = await store.append(realm, revocation('a'))
    await store.append(realm, revocation('b', { target: { kind: 'everything' }, tenant: 'other' as TenantId }))
    const found = await ask(
      facts(cutoff),
      facts(cutoff + 1),
      { ...facts(cutoff), subject: 'bob' },
      { ...facts(cutoff), tenant: 'other' as TenantId },
    )
    expect(found.map((record) => record?.id)).toEqual(['a', undefined, undefined, 'b'])
  })

  test('are removed when they can match no living token', async () => {
    const db = await open()
    const store = createRevocationStore(db)
    freshRealm()
    await store.append(realm, revocation('old', { cutoff: 1000 as EpochSeconds }))
    await store.append(realm, revocation('new'))
    expect((await store.log(realm).after(0, 10)).map(({ id }) => id)).toEqual(['new'])
    await store.purge()
    const rows = await db.query<{ id: string }>('select id from revocation where realm = $1', [realm])
    expect(rows.map(({ id }) => id)).toEqual(['new'])
  })

  if (kind === 'server') {
    describe('between two processes', () => {
      test('an append waits for what is being issued, so that the cut-off comes after it', async () => {
        const [issuing, revoking] = await Promise.all([open(), open()])
        freshRealm()
        const store = createRevocationStore(issuing)
        let appended = false
        let appending: Promise<{ readonly cutoff: number }> | undefined
        const issuedAt = await issuing.transaction(async (tx) => {
          expect(await store.findInStep(realm, [facts(0)], tx)).toEqual([undefined])
          appending = createRevocationStore(revoking)
            .append(realm, revocation('during'))
            .finally(() => {
              appended = true
            })
          const [waiting] = await waitForLock(issuing)
          expect([waiting !== undefined, appended]).toEqual([true, false])
          const [{ now } = expect.fail()] = await tx.query<{ now: number }>(
            'select floor(extract(epoch from clock_timestamp()))::bigint as now',
          )
          return now
        })
        expect((await appending)?.cutoff).toBeGreaterThanOrEqual(issuedAt)
      })
    })
  }
})

/** Until PostgreSQL says that somebody waits for a lock on our table. */
async function waitForLock(db: { query<Row>(sql: string): Promise<readonly Row[]> }): Promise<readonly object[]> {
  for (;;) {
    const waiting = await db.query<object>(
      "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%revocation_head%'",
    )
    if (waiting.length > 0) return waiting
  }
}

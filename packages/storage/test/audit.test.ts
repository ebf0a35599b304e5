import { type EpochSeconds, Fault, type IssuerId, type SecurityEvent } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { type AuditLog, createAuditLog, createAuditTrail, type Database } from '@carnet/storage'
import { NOW } from '@carnet/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeOnBothDatabases } from './both-databases.ts'

const event = (change: Partial<SecurityEvent> = {}): SecurityEvent => ({
  type: 'call.allowed',
  outcome: 'success',
  reporter: 'https://as.example' as IssuerId,
  at: NOW,
  ...change,
})

const counted = (n: number) => event({ details: { n } })

describeOnBothDatabases('The audit log', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })

  const numbersOf = async (writer: string) => {
    const rows = await db.query<{ n: number }>(
      `select (event->'details'->>'n')::int as n from audit_entry where writer = $1 order by seq`,
      [writer],
    )
    return rows.map(({ n }) => n)
  }
  /** Entries without gaps, each naming the one before. */
  async function expectWhole(): Promise<void> {
    expect(await createAuditTrail(db).verify()).toMatchObject({ ok: true })
  }

  test('has recorded an event when it says so', async () => {
    const log = await createAuditLog({ db, writer: 'one' })
    await log.record(counted(1))
    expect(await numbersOf('one')).toEqual([1])
  })

  test('records concurrent events in one chain, in few transactions', async () => {
    const log = await createAuditLog({ db, writer: 'many' })
    await Promise.all(Array.from({ length: 300 }, (_, n) => log.record(counted(n))))
    expect(await numbersOf('many')).toEqual(Array.from({ length: 300 }, (_, n) => n))
    const [row] = await db.query<{ transactions: number }>(
      `select count(distinct xmin::text) as transactions from audit_entry where writer = 'many'`,
    )
    expect(row?.transactions).toBeLessThan(30)
    await expectWhole()
  })

  test('continues its chain after a restart', async () => {
    for (const n of [1, 2, 3]) {
      const log = await createAuditLog({ db, writer: 'restarted' })
      await log.record(counted(n))
    }
    expect(await numbersOf('restarted')).toEqual([1, 2, 3])
    await expectWhole()
  })

  test('records an event exactly if the transaction it belongs to commits', async () => {
    const log = await createAuditLog({ db, writer: 'within' })
    await db.transaction((tx) => log.append(tx, [counted(1), counted(2)]))
    const failing = db.transaction(async (tx) => {
      await log.append(tx, [counted(3)])
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await db.transaction(async (tx) => {
      await log.append(tx, [counted(4)])
      await log.append(tx, [])
      await log.append(tx, [counted(5)])
    })
    await log.record(counted(6))
    expect(await numbersOf('within')).toEqual([1, 2, 4, 5, 6])
    await expectWhole()
  })

  test('stays one chain whatever commits and rolls back at the same time', async () => {
    const log = await createAuditLog({ db, writer: 'mixed' })
    const inTransaction = (n: number) =>
      db.transaction(async (tx) => {
        await tx.query('select 1')
        await log.append(tx, [counted(n)])
        if (n % 3 === 0) throw new Error('third')
      })
    const work = Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? inTransaction(n) : log.record(counted(n))))
    const results = await Promise.allSettled(work)
    const kept = results.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
    expect((await numbersOf('mixed')).toSorted((a, b) => a - b)).toEqual(kept)
    expect(kept).toHaveLength(50)
    await expectWhole()
  })

  test('two processes that share a name fail, and recover, rather than fork the chain', async () => {
    const [one, other] = [
      await createAuditLog({ db, writer: 'shared' }),
      await createAuditLog({ db, writer: 'shared' }),
    ]
    await one.record(counted(1))
    await expect(other.record(counted(2))).rejects.toMatchObject({ code: 'audit-unavailable' })
    await other.record(counted(3))
    await expect(one.record(counted(4))).rejects.toMatchObject({ code: 'audit-unavailable' })
    expect(await numbersOf('shared')).toEqual([1, 3])
    await expectWhole()
  })

  test('takes no event that is not in the vocabulary, and goes on', async () => {
    const log = await createAuditLog({ db, writer: 'strict' })
    const unknown = log.record(event({ type: 'grant.invented' }))
    const known = log.record(counted(1))
    await expect(unknown).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('vocabulary') })
    await known
    expect(await numbersOf('strict')).toEqual([1])
  })

  proves('THR-16', 'the audit log stores outside text escaped and without tokens', async () => {
    const log = await createAuditLog({ db, writer: 'hostile' })
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwZXJzb24tMSJ9.c2lnbmF0dXJl'
    await log.record(event({ client: 'a\r\nlevel=admin\u0000' as never, reason: '\ud800', details: { got: token } }))
    const [row] = await db.query<{ client: string; text: string }>(
      `select client, event::text as text from audit_entry where writer = 'hostile'`,
    )
    expect(row?.client).toBe('a\\u{d}\\u{a}level=admin\\u{0}')
    expect(row?.text).not.toContain('eyJ')
    await expectWhole()
  })

  describe('tampered with', () => {
    const tampering = [
      ['a changed event', `update audit_entry set event = jsonb_set(event, '{outcome}', '"refused"')`, 3, 'altered', 3],
      ['a removed entry', 'delete from audit_entry', 4, 'missing', 4],
      ['a renumbered entry', 'update audit_entry set seq = 99', 5, 'missing', 5],
    ] as const
    for (const [what, statement, seq, reason, at] of tampering) {
      test(`shows ${what}, and is not continued`, async () => {
        const writer = `tampered ${what}`
        const log = await createAuditLog({ db, writer })
        for (let n = 1; n <= 6; n++) await log.record(counted(n))
        await db.query(`${statement} where writer = $1 and seq = $2`, [writer, seq])
        expect(await createAuditTrail(db).verify()).toMatchObject({ ok: false, refusal: { reason, writer, seq: at } })
        await expect(createAuditLog({ db, writer })).rejects.toMatchObject({
          code: 'audit-unavailable',
          message: expect.stringContaining(`entry ${at} is ${reason}`),
        })
        await db.query('delete from audit_entry where writer = $1', [writer])
      })
    }
  })

  test('is a fault while the database is away', async () => {
    const other = await open()
    const log: AuditLog = await createAuditLog({ db, writer: 'away' })
    await db.query('alter table audit_entry rename to audit_entry_away')
    await expect(log.record(counted(1))).rejects.toThrow(Fault)
    await expect(log.record(counted(1))).rejects.toMatchObject({ code: 'audit-unavailable' })
    await db.query('alter table audit_entry_away rename to audit_entry')
    await log.record(counted(2))
    expect(await other.query('select 1 as one')).toEqual([{ one: 1 }])
    expect(await numbersOf('away')).toEqual([2])
  })

  test('answers the newest events first, of one kind if asked', async () => {
    const log = await createAuditLog({ db, writer: 'newest' })
    const at = (seconds: number) => (NOW + 10_000 + seconds) as EpochSeconds
    await log.record(event({ at: at(1), client: 'c-1' as never, type: 'grant.issued' }))
    await log.record(event({ at: at(2), client: 'c-2' as never }))
    await log.record(event({ at: at(3), client: 'c-1' as never, person: 'p-1' as never }))
    const trail = createAuditTrail(db)
    const times = async (...args: Parameters<typeof trail.recent>) =>
      (await trail.recent(...args)).map(({ event: { at: time } }) => time - NOW - 10_000)
    expect(await times(2)).toEqual([3, 2])
    expect(await times(10, { client: 'c-1' })).toEqual([3, 1])
    expect(await times(10, { client: 'c-1', type: 'grant.issued' })).toEqual([1])
    expect(await times(10, { person: 'p-1' })).toEqual([3])
    expect(await times(10, { resource: 'https://nowhere.example' })).toEqual([])
  })
})

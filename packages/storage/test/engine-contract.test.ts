import { Fault } from '@carnet/protocol'
import { type Database, openDatabase, type Transaction } from '@carnet/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../src/engine/migrate.ts'
import { migrations } from '../src/migrations/index.ts'
import { describeOnBothDatabases, useFreshDatabase } from './both-databases.ts'
import { quietLog } from './quiet-log.ts'

/** An alias: Kysely does not take an interface here. */
type Tables = { item: { n: number; text: string | null } }

describeOnBothDatabases('The database', (open, kind) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
    await db.query('create table item (n int primary key, text text)')
  })
  const numbers = async () => (await db.query<{ n: number }>('select n from item order by n')).map(({ n }) => n)

  test('is the kind asked for', () => expect(db.kind).toBe(kind))

  test('answers rows, with int8 as a number and json as a value', async () => {
    const rows = await db.query(
      `select count(*) as count, $1::int8 as big, $2::int8[] as bigs, '{"a":[1]}'::jsonb as json, null as nothing`,
      [2 ** 40, [1, 2]],
    )
    expect(rows).toEqual([{ count: 1, big: 2 ** 40, bigs: [1, 2], json: { a: [1] }, nothing: null }])
  })

  test('does not round an int8 that JavaScript cannot hold', async () => {
    await expect(db.query('select 9007199254740993::int8 as big')).rejects.toThrow(Fault)
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  test('passes values beside the statement, whatever they hold', async () => {
    const hostile = `'; drop table item; -- \\ " \u{1f39f}`
    expect(await db.query('select $1::text as text', [hostile])).toEqual([{ text: hostile }])
  })

  test('passes on what a statement did wrong, and goes on', async () => {
    await db.query('insert into item values (1)')
    await expect(db.query('insert into item values (1)')).rejects.toMatchObject({ code: '23505' })
    await expect(db.query('select nonsense')).rejects.not.toThrow(Fault)
    expect(await numbers()).toEqual([1])
    await db.query('delete from item')
  })

  test('commits a transaction that resolves', async () => {
    const answer = await db.transaction(async (tx) => {
      await tx.query('insert into item values (1), (2)')
      return 'done'
    })
    expect(answer).toBe('done')
    expect(await numbers()).toEqual([1, 2])
    await db.query('delete from item')
  })

  test('rolls back a transaction that rejects, and tells its end', async () => {
    const ends: string[] = []
    const failing = db.transaction(async (tx) => {
      tx.onEnd((outcome) => ends.push(outcome))
      await tx.query('insert into item values (1)')
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    const broken = db.transaction(async (tx) => {
      tx.onEnd((outcome) => ends.push(outcome))
      await tx.query('insert into item values (2), (2)')
    })
    await expect(broken).rejects.toMatchObject({ code: '23505' })
    await db.transaction(async (tx) => tx.onEnd((outcome) => ends.push(outcome)))
    expect(ends).toEqual(['rolled-back', 'rolled-back', 'committed'])
    expect(await numbers()).toEqual([])
  })

  test('does not call committed what went on after a failed statement', async () => {
    const ends: string[] = []
    const careless = db.transaction(async (tx) => {
      tx.onEnd((outcome) => ends.push(outcome))
      await tx.query('insert into item values (1)')
      await tx.query('insert into item values (1)').catch(() => {})
    })
    await expect(careless).rejects.toMatchObject({ code: 'internal' })
    expect(ends).toEqual(['rolled-back'])
    expect(await numbers()).toEqual([])
  })

  test('runs concurrent transactions without mixing them', async () => {
    const insert = (n: number) => async (tx: Transaction) => {
      await tx.query('insert into item values ($1)', [n])
      if (n % 2 === 0) throw new Error('even')
    }
    await Promise.allSettled(Array.from({ length: 20 }, (_, n) => db.transaction(insert(n))))
    expect(await numbers()).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
    await db.query('delete from item')
  })

  test('builds queries with Kysely, in a transaction too', async () => {
    const kysely = db.kysely.withTables<Tables>()
    await kysely.insertInto('item').values({ n: 1, text: 'one' }).execute()
    const failing = db.transaction(async (tx) => {
      await tx.kysely.withTables<Tables>().insertInto('item').values({ n: 2, text: null }).execute()
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await kysely.selectFrom('item').selectAll().execute()).toEqual([{ n: 1, text: 'one' }])
    await expect(
      db.transaction((tx) => tx.kysely.transaction().execute((inner) => inner.selectNoFrom([]).execute())),
    ).rejects.toMatchObject({ code: 'internal' })
    await kysely.transaction().execute((trx) => trx.deleteFrom('item').execute())
  })

  test('tells a change after the commit, and not without one', async () => {
    const heard: (string | undefined)[] = []
    const told = new Promise<void>((resolve) => {
      db.onChange('things', (key) => {
        heard.push(key)
        if (key === 'last') resolve()
      })
    })
    const failing = db.transaction(async (tx) => {
      await db.publish(tx, 'things', 'never')
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await db.transaction(async (tx) => {
      await db.publish(tx, 'other', 'x')
      await db.publish(tx, 'things', 'first')
      await db.publish(tx, 'things', 'last')
      expect(heard).toEqual([])
    })
    await told
    expect(heard).toEqual(['first', 'last'])
  })

  test('a listener that fails keeps nothing from the others', async () => {
    const quiet = console.error
    console.error = () => {}
    db.onChange('risky', () => {
      throw new Error('a bug')
    })
    const told = new Promise<string | undefined>((resolve) => db.onChange('risky', resolve))
    await db.transaction((tx) => db.publish(tx, 'risky', 'key'))
    expect(await told).toBe('key')
    console.error = quiet
  })

  test('has a clock of its own in whole seconds', async () => {
    const [row] = await db.query<{ at: number }>('select extract(epoch from clock_timestamp())::float8 as at')
    const now = await db.now()
    expect(Number.isInteger(now)).toBe(true)
    expect(now).toBeGreaterThanOrEqual(Math.floor(row?.at ?? Number.POSITIVE_INFINITY))
  })

  describe('migrations', () => {
    const applied = () => db.query('select id, checksum, applied_at from carnet_migration order by id')

    test('are applied once', async () => {
      const before = await applied()
      expect(before.map((row) => (row as { id: string }).id)).toEqual(migrations.map(({ id }) => id).sort())
      await migrate(db, migrations)
      expect(await applied()).toEqual(before)
    })

    test('are refused when one that was applied has changed', async () => {
      const [first, ...rest] = migrations
      const changed = [{ id: first?.id ?? '', up: `${first?.up} -- edited` }, ...rest]
      await expect(migrate(db, changed)).rejects.toMatchObject({
        code: 'configuration-invalid',
        message: expect.stringContaining(first?.id ?? ''),
      })
    })

    test('leave nothing behind when one fails', async () => {
      const before = await applied()
      const broken = { id: '999-broken', up: 'create table half (n int); select nonsense' }
      await expect(migrate(db, [broken])).rejects.toMatchObject({ code: '42703' })
      expect(await applied()).toEqual(before)
      expect(await db.query(`select to_regclass('half') as half`)).toEqual([{ half: null }])
    })
  })
})

describe('processes that start together on a new database', () => {
  const database = useFreshDatabase()

  test('do not collide', async () => {
    const starts = Array.from({ length: 5 }, () => openDatabase({ url: database.url() }, { log: quietLog }))
    const opened = await Promise.all(starts)
    expect(await opened[0]?.query('select id from carnet_migration')).toHaveLength(migrations.length)
    for (const db of opened) await db.close()
  })
})

import { join } from 'node:path'
import { type Database, openDatabase } from '@carnet/storage'
import { PostgresServer } from '@carnet/testing'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { useFreshDatabase } from './both-databases.ts'
import { bundled, run } from './engine-child-program.ts'
import { quietLog } from './quiet-log.ts'

/** Collects what a listener hears, and waits for it. */
function ear(db: Database, topic: string) {
  const heard: (string | undefined)[] = []
  let wake = () => {}
  db.onChange(topic, (key) => {
    heard.push(key)
    wake()
  })
  async function until(key: string | undefined): Promise<void> {
    while (!heard.includes(key)) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { heard, until }
}

describe('changes on a PostgreSQL server', () => {
  const database = useFreshDatabase()
  const opened: Database[] = []
  const open = async () => {
    const db = await openDatabase({ url: database.url() }, { log: quietLog })
    opened.push(db)
    return db
  }
  afterEach(async () => {
    for (const db of opened.splice(0)) await db.close()
  })

  test('reach the listeners of every process, this one included', async () => {
    const [here, there] = [await open(), await open()]
    const ears = [ear(here, 'people'), ear(there, 'people')]
    await here.transaction((tx) => here.publish(tx, 'people', 'p-1'))
    await Promise.all(ears.map((each) => each.until('p-1')))
    await there.transaction((tx) => there.publish(tx, 'people'))
    await Promise.all(ears.map((each) => each.until(undefined)))
  })

  test('stay silent when the transaction rolls back', async () => {
    const [here, there] = [await open(), await open()]
    const { heard, until } = ear(there, 'people')
    const failing = here.transaction(async (tx) => {
      await here.publish(tx, 'people', 'never')
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await here.transaction((tx) => here.publish(tx, 'people', 'later'))
    await until('later')
    expect(heard).toEqual(['later'])
  })

  test('are asked for again after the connection that hears them was terminated', async () => {
    const [here, there] = [await open(), await open()]
    const { heard, until } = ear(there, 'people')
    await terminateListeners(database.url())
    await until(undefined)
    expect(there.hearsChanges).toBe(true)
    await here.transaction((tx) => here.publish(tx, 'people', 'p-2'))
    await until('p-2')
    expect(heard.at(-1)).toBe('p-2')
  })

  test('are asked for again when a stranger speaks on the channel', async () => {
    const db = await open()
    const { until } = ear(db, 'people')
    await db.query("select pg_notify('carnet_changes', 'not ours')")
    await until(undefined)
  })

  test('are not heard after the listener left', async () => {
    const db = await open()
    const heard: unknown[] = []
    const leave = db.onChange('people', (key) => heard.push(key))
    leave()
    leave()
    const { until } = ear(db, 'people')
    await db.transaction((tx) => db.publish(tx, 'people', 'p-3'))
    await until('p-3')
    expect(heard).toEqual([])
  })
})

/** Ends every connection that waits for changes, as a restarted proxy would. */
async function terminateListeners(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query ilike 'listen%'`,
  )
  await client.end()
  expect(rowCount).toBeGreaterThanOrEqual(2)
}

describe('a PostgreSQL server that fails', () => {
  let server: PostgresServer
  let writer: string
  beforeAll(async () => {
    server = await PostgresServer.start()
    writer = await bundled(join(import.meta.dirname, 'programs', 'writer.ts'))
  })
  afterAll(() => server.stop())

  test('keeps what it acknowledged through kill -9', async () => {
    const program = run(writer, ['url', server.url()])
    await program.line((line) => Number(line) >= 200)
    await server.crash()
    expect(await program.ended).not.toBe(0)
    await server.restart()
    const acknowledged = program.lines.map(Number).filter((n) => n > 0)
    const db = await openDatabase({ url: server.url() }, { log: quietLog })
    const rows = await db.query<{ n: number }>('select n from acknowledged order by n')
    expect(rows.map(({ n }) => n)).toEqual(expect.arrayContaining(acknowledged))
    await db.close()
  })

  test('is an outage to a transaction that it interrupts', async () => {
    const db = await openDatabase({ url: server.url() }, { log: quietLog })
    const ends: string[] = []
    const interrupted = db.transaction(async (tx) => {
      tx.onEnd((outcome) => ends.push(outcome))
      await tx.query('select 1')
      await server.crash()
      await tx.query('select 2')
    })
    await expect(interrupted).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(ends).toEqual(['rolled-back'])
    await server.restart()
    await db.close()
  })

  test('is an outage while it is down, and heard again when it is back', async () => {
    const db = await openDatabase({ url: server.url() }, { log: quietLog })
    const { until } = ear(db, 'people')
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    await server.crash()
    await expect(db.query('select 1')).rejects.toMatchObject({ code: 'store-unavailable' })
    await expect(db.transaction(async () => 'never')).rejects.toMatchObject({ code: 'store-unavailable' })
    await expect(openDatabase({ url: server.url() }, { log: quietLog })).rejects.toMatchObject({
      code: 'store-unavailable',
    })
    // The end of the listening connection reaches this process in its own time.
    await expect.poll(() => db.hearsChanges, { timeout: 10_000 }).toBe(false)
    await server.restart()
    await until(undefined)
    expect(await db.query('select 2 as two')).toEqual([{ two: 2 }])
    await db.close()
  })
})

/** Runs the same tests on PGlite and on a PostgreSQL server: what holds on one must hold on the other. */
import { randomBytes } from 'node:crypto'
import { type Database, openDatabase } from '@carnet/storage'
import pg from 'pg'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { quietLog } from './quiet-log.ts'

export { quietLog }

export type Open = () => Promise<Database>

/**
 * @param suite - gets `open`, which answers a database that is fresh and migrated for this suite. On a server every
 * call is a connection pool of its own, as another process would have; PGlite has only one, which every call
 * answers. All are closed after the suite.
 */
export function describeOnBothDatabases(name: string, suite: (open: Open, kind: Database['kind']) => void): void {
  describe(`${name} on PGlite`, () => {
    let only: Promise<Database> | undefined
    afterAll(async () => (await only)?.close())
    suite(() => {
      only ??= openDatabase({ memory: true }, { log: quietLog })
      return only
    }, 'embedded')
  })

  describe(`${name} on a PostgreSQL server`, () => {
    const database = useFreshDatabase()
    const opened: Promise<Database>[] = []
    afterAll(async () => {
      for (const db of opened) await (await db).close()
    })
    suite(() => {
      const db = openDatabase({ url: database.url() }, { log: quietLog })
      opened.push(db)
      return db
    }, 'server')
  })
}

/** An empty database on the server of this run, for the tests of the enclosing `describe`. */
export function useFreshDatabase(): { url(): string } {
  const name = `carnet_${randomBytes(6).toString('hex')}`
  const server = inject('postgresUrl')
  beforeAll(() => administer(server, `create database ${name}`))
  afterAll(() => administer(server, `drop database if exists ${name} with (force)`))
  return {
    url() {
      const url = new URL(server)
      url.pathname = `/${name}`
      return url.href
    },
  }
}

async function administer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

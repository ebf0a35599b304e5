/** Kysely over our connections: the same named statements and the same faults as `query`. */
import { Fault } from '@carnet/protocol'
import { Kysely, type PostgresCursor, PostgresDialect, type PostgresPoolClient, type PostgresQueryResult } from 'kysely'
import type pg from 'pg'
import { runStatement } from './statements.ts'

export function kyselyOnPool(connect: () => Promise<pg.PoolClient>): Kysely<object> {
  return kyselyOn(async () => {
    const client = await connect()
    return new NamingClient(
      (sql, params) => runStatement(client, sql, params),
      () => client.release(),
    )
  })
}

/** A builder whose every statement belongs to the transaction open on `client`. */
export function kyselyOnTransaction(client: pg.ClientBase): Kysely<object> {
  const within = new NamingClient(
    (sql, params) => {
      // PostgreSQL has no nested `begin`; the inner `commit` would end the outer transaction.
      if (/^(?:begin|start transaction)/.test(sql)) throw new Fault('internal', 'A transaction inside a transaction')
      return runStatement(client, sql, params)
    },
    () => {},
  )
  return kyselyOn(async () => within)
}

function kyselyOn(connect: () => Promise<PostgresPoolClient>): Kysely<object> {
  // The pool is ended by its owner, never through the builder.
  return new Kysely<object>({ dialect: new PostgresDialect({ pool: { connect, end: async () => {} } }) })
}

type Run = (sql: string, params: readonly unknown[]) => Promise<pg.QueryResult>

class NamingClient implements PostgresPoolClient {
  readonly #run: Run
  readonly release: () => void

  constructor(run: Run, release: () => void) {
    this.#run = run
    this.release = release
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []) {
    if (typeof sql !== 'string') throw new Fault('internal', 'Cursors are not supported')
    return this.#run(sql, parameters) as never
  }
}

/** Queries and transactions over a `pg` pool: named statements, outages as faults, connections given back intact. */
import { type EpochSeconds, Fault } from '@carnet/protocol'
import type { Kysely } from 'kysely'
import type pg from 'pg'
import type { Queryable, Transaction } from './database.ts'
import { databaseFault } from './faults.ts'
import { kyselyOnPool, kyselyOnTransaction } from './query-builder.ts'
import { runScript, runStatement } from './statements.ts'

export class Connections implements Queryable {
  readonly kysely: Kysely<object>
  readonly #pool: pg.Pool
  #closing: Promise<void> | undefined

  constructor(pool: pg.Pool) {
    this.#pool = pool
    // A connection lost while a transaction is between two statements says so here, and would otherwise end this
    // process. The next statement reports it to whom it concerns.
    pool.on('connect', (client) => client.on('error', () => {}))
    this.kysely = kyselyOnPool(() => this.#connect())
  }

  async query<Row>(sql: string, params: readonly unknown[] = []): Promise<readonly Row[]> {
    const client = await this.#connect()
    return useOnce(client, sql, params)
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#connect()
    const tx = new OpenTransaction(client)
    let result: T
    try {
      await tx.query('begin')
      result = await work(tx)
    } catch (error) {
      await rollBack(client, tx)
      throw error
    }
    await commit(client, tx)
    return result
  }

  async now(): Promise<EpochSeconds> {
    const [row] = await this.query<{ now: EpochSeconds }>(
      'select floor(extract(epoch from clock_timestamp()))::int8 as now',
    )
    if (row === undefined) throw new Fault('internal', 'The database gave no time')
    return row.now
  }

  /** Closing twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.closeOnce()
    return this.#closing
  }

  protected closeOnce(): Promise<void> {
    return this.#pool.end()
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw databaseFault(error)
    }
  }
}

/** The pool's own `query` discards the connection after any error, a mere unique violation included. */
async function useOnce<Row>(client: pg.PoolClient, sql: string, params: readonly unknown[]): Promise<readonly Row[]> {
  let broken = false
  try {
    return (await runStatement(client, sql, params)).rows
  } catch (error) {
    broken = error instanceof Fault
    throw error
  } finally {
    client.release(broken)
  }
}

class OpenTransaction implements Transaction {
  readonly #client: pg.PoolClient
  readonly #ended: ((outcome: 'committed' | 'rolled-back' | 'unknown') => void)[] = []
  #kysely: Kysely<object> | undefined

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  get kysely(): Kysely<object> {
    this.#kysely ??= kyselyOnTransaction(this.#client)
    return this.#kysely
  }

  async query<Row>(sql: string, params: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await runStatement(this.#client, sql, params)).rows
  }

  async script(sql: string): Promise<void> {
    await runScript(this.#client, sql)
  }

  onEnd(listener: (outcome: 'committed' | 'rolled-back' | 'unknown') => void): void {
    this.#ended.push(listener)
  }

  end(outcome: 'committed' | 'rolled-back' | 'unknown'): void {
    for (const listener of this.#ended) listener(outcome)
  }
}

async function commit(client: pg.PoolClient, tx: OpenTransaction): Promise<void> {
  let command: string
  try {
    command = (await runStatement(client, 'commit', [])).command
  } catch (error) {
    client.release(true)
    tx.end('unknown')
    throw error
  }
  client.release()
  // PostgreSQL answers the `commit` of a transaction in which a statement failed with a quiet rollback.
  const isCommitted = command === 'COMMIT'
  tx.end(isCommitted ? 'committed' : 'rolled-back')
  if (!isCommitted) throw new Fault('internal', 'A transaction went on after one of its statements had failed')
}

async function rollBack(client: pg.PoolClient, tx: OpenTransaction): Promise<void> {
  let broken = false
  try {
    await tx.query('rollback')
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // A connection closed without `commit` is rolled back by the database.
    broken = true
  }
  client.release(broken)
  tx.end('rolled-back')
}

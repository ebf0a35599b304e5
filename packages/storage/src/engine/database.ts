/**
 * The database as the slices of this package see it: PostgreSQL, whether embedded or a server.
 *
 * Every statement is prepared once per connection under a name derived from its text.
 */
import type { EpochSeconds, Unsubscribe } from '@carnet/protocol'
import type { Kysely } from 'kysely'

export interface Queryable {
  /**
   * @param sql - one statement; values only through `$1`, `$2`, …
   * @returns the rows, none for a statement without `returning`
   * @throws {Fault} `store-unavailable` when the database cannot be reached or gives up waiting
   * @throws {DatabaseError} of `pg` for anything the statement itself did wrong (`code` is the SQLSTATE)
   */
  query<Row>(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>
}

/** One transaction (READ COMMITTED). Use only this, never the `Database`, until it is over. */
export interface Transaction extends Queryable {
  /** Query builder bound to this transaction; name your tables with `withTables`. */
  readonly kysely: Kysely<object>
  /** Runs several statements without values, for migrations. */
  script(sql: string): Promise<void>
  /** Calls back once it is known how the transaction ended; `unknown` if the connection died in `commit`. */
  onEnd(listener: (outcome: 'committed' | 'rolled-back' | 'unknown') => void): void
}

/** `undefined` means that anything of the topic may have changed. */
export type ChangeListener = (key: string | undefined) => void

export interface Database extends Queryable {
  readonly kind: 'embedded' | 'server'
  /** Query builder over the same connections; name your tables with `withTables`. */
  readonly kysely: Kysely<object>

  /**
   * Runs `work` in one transaction; commits when it resolves, rolls back when it rejects.
   *
   * INVARIANT (one connection): the embedded database has a single connection. `work` that waits for a query
   * made outside its transaction waits until that query gives up.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>

  /**
   * Tells every process of this database, this one included, that something changed, once `tx` is committed.
   *
   * @param key - what changed; keep it under 4 KiB, and omit it for "anything"
   */
  publish(tx: Transaction, topic: string, key?: string): Promise<void>

  /** Hears changes of all processes. After an interruption the listener is called with `undefined`. */
  onChange(topic: string, listener: ChangeListener): Unsubscribe

  /** Whether changes of other processes reach this one right now. */
  readonly hearsChanges: boolean

  /** The database's clock: what cut-offs and `iat` are compared by. */
  now(): Promise<EpochSeconds>

  close(): Promise<void>
}

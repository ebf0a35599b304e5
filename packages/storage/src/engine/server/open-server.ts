/** A PostgreSQL server, shared by any number of processes. */
import type { Log, Unsubscribe } from '@carnet/protocol'
import pg from 'pg'
import { ChangeListeners } from '../changes.ts'
import { columnTypes } from '../column-types.ts'
import type { ChangeListener, Database, Transaction } from '../database.ts'
import { Connections } from '../pool.ts'
import { ServerListener } from './listener.ts'
import { CHANNEL, changePayload } from './notification.ts'

export interface ServerLimits {
  /** Largest number of connections for queries; one more hears changes. */
  readonly connections: number
  readonly connectMilliseconds: number
  readonly statementMilliseconds: number
  readonly lockMilliseconds: number
}

const LIMITS: ServerLimits = {
  connections: 10,
  connectMilliseconds: 5_000,
  statementMilliseconds: 15_000,
  lockMilliseconds: 5_000,
}

class ServerDatabase extends Connections implements Database {
  readonly kind = 'server'
  readonly #listeners: ChangeListeners
  readonly #listener: ServerListener

  constructor(pool: pg.Pool, listeners: ChangeListeners, listener: ServerListener) {
    super(pool)
    this.#listeners = listeners
    this.#listener = listener
  }

  get hearsChanges(): boolean {
    return this.#listener.listening
  }

  async publish(tx: Transaction, topic: string, key?: string): Promise<void> {
    await tx.query('select pg_notify($1, $2)', [CHANNEL, changePayload({ topic, key })])
  }

  onChange(topic: string, listener: ChangeListener): Unsubscribe {
    return this.#listeners.add(topic, listener)
  }

  protected override async closeOnce(): Promise<void> {
    this.#listeners.clear()
    await this.#listener.close()
    await super.closeOnce()
  }
}

/** @throws {Fault} `store-unavailable` when the server does not answer */
export async function openServer(url: string, log: Log, limits = LIMITS): Promise<Database> {
  const config: pg.ClientConfig = {
    connectionString: url,
    application_name: 'carnet',
    types: columnTypes,
    connectionTimeoutMillis: limits.connectMilliseconds,
  }
  const pool = new pg.Pool({
    ...config,
    max: limits.connections,
    keepAlive: true,
    statement_timeout: limits.statementMilliseconds,
    lock_timeout: limits.lockMilliseconds,
    idle_in_transaction_session_timeout: 2 * limits.statementMilliseconds,
    query_timeout: 2 * limits.statementMilliseconds,
    // A server set to acknowledge before writing would break every promise about crashes.
    options: '-c synchronous_commit=on',
  })
  // Without a listener, an idle connection that the server closes would end this process.
  pool.on('error', (error) => log.warn('An idle database connection was lost', { error: error.message }))

  const listeners = new ChangeListeners(log)
  const listener = new ServerListener(config, listeners, log)
  await listener.start()
  return new ServerDatabase(pool, listeners, listener)
}

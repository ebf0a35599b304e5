/** PGlite in this process, in a folder or in memory: one connection, real fsync, one process per folder. */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Fault, type Log, type Unsubscribe } from '@carnet/protocol'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { ChangeListeners } from '../changes.ts'
import { columnTypes } from '../column-types.ts'
import type { ChangeListener, Database, Transaction } from '../database.ts'
import { Connections } from '../pool.ts'
import { DURABLE_PARAMETERS, DurableNodeFs } from './durable-fs.ts'
import { lockFolder } from './folder-lock.ts'
import { PgliteStream } from './pglite-stream.ts'
import { memoryTemplate } from './template.ts'

/** How long a query waits for the one connection. */
const WAIT_MILLISECONDS = 15_000

interface Opened {
  readonly pglite: PGlite
  readonly files: DurableNodeFs | undefined
  close(): Promise<void>
}

export class EmbeddedDatabase extends Connections implements Database {
  readonly kind = 'embedded'
  /** There are no other processes to hear from. */
  readonly hearsChanges = true
  readonly #opened: Opened
  readonly #listeners: ChangeListeners

  constructor(opened: Opened, log: Log) {
    super(
      new pg.Pool({
        max: 1,
        idleTimeoutMillis: 0,
        connectionTimeoutMillis: WAIT_MILLISECONDS,
        stream: () => new PgliteStream(opened.pglite),
        types: columnTypes,
        user: 'postgres',
      }),
    )
    this.#opened = opened
    this.#listeners = new ChangeListeners(log)
  }

  /** How many fsyncs were made since the database was opened; 0 in memory. */
  get fsyncs(): number {
    return this.#opened.files?.fsyncs ?? 0
  }

  async publish(tx: Transaction, topic: string, key?: string): Promise<void> {
    tx.onEnd((outcome) => {
      // After an unknown outcome it is better to look once too often.
      if (outcome !== 'rolled-back') this.#listeners.tell(topic, key)
    })
  }

  onChange(topic: string, listener: ChangeListener): Unsubscribe {
    return this.#listeners.add(topic, listener)
  }

  protected override async closeOnce(): Promise<void> {
    this.#listeners.clear()
    await super.closeOnce()
    await this.#opened.close()
  }
}

/** @param folder - made if absent, for this user alone */
export async function openInFolder(folder: string, log: Log): Promise<EmbeddedDatabase> {
  const path = resolve(folder)
  prepareFolder(path, log)
  const lock = lockFolder(path)
  try {
    const data = join(path, 'pgdata')
    mkdirSync(data, { recursive: true, mode: 0o700 })
    const files = new DurableNodeFs(data)
    const pglite = await PGlite.create({ fs: files, startParams: durableParameters() })
    const close = async () => {
      await pglite.close()
      lock.release()
    }
    return new EmbeddedDatabase({ pglite, files, close }, log)
  } catch (error) {
    lock.release()
    throw new Fault('store-unavailable', `The database in ${path} could not be opened`, { cause: error })
  }
}

/** For tests and trials: nothing outlives the process. */
export async function openInMemory(log: Log): Promise<EmbeddedDatabase> {
  const loadDataDir = await memoryTemplate()
  const pglite = await PGlite.create({ loadDataDir })
  return new EmbeddedDatabase({ pglite, files: undefined, close: () => pglite.close() }, log)
}

function durableParameters(): string[] {
  return [...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'), ...DURABLE_PARAMETERS]
}

function prepareFolder(path: string, log: Log): void {
  if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 })
  else if ((statSync(path).mode & 0o077) !== 0) {
    log.warn('The data folder was open to other users; it no longer is', { folder: path })
    chmodSync(path, 0o700)
  }
}

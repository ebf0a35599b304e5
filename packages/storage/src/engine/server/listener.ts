/**
 * Hears what other processes changed: LISTEN on one connection of its own, made again whenever it dies.
 *
 * What is said while nobody listens is lost, so after every interruption everyone is told to look again.
 */
import type { Log } from '@carnet/protocol'
import pg from 'pg'
import type { ChangeListeners } from '../changes.ts'
import { databaseFault } from '../faults.ts'
import { CHANNEL, parseChange } from './notification.ts'

const FIRST_PAUSE_MILLISECONDS = 50
const LONGEST_PAUSE_MILLISECONDS = 5_000
/** A connection that died without a word is noticed after this long. */
const HEARTBEAT_MILLISECONDS = 5_000

export class ServerListener {
  readonly #config: pg.ClientConfig
  readonly #listeners: ChangeListeners
  readonly #log: Log
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #pause = FIRST_PAUSE_MILLISECONDS
  #closed = false

  constructor(config: pg.ClientConfig, listeners: ChangeListeners, log: Log) {
    this.#config = config
    this.#listeners = listeners
    this.#log = log
  }

  get listening(): boolean {
    return this.#client !== undefined
  }

  /** @throws {Fault} `store-unavailable` when the first connection fails; later ones are tried again for ever */
  async start(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      throw databaseFault(error)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#client?.end()
    this.#client = undefined
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ ...this.#config, keepAlive: true, query_timeout: HEARTBEAT_MILLISECONDS })
    const lost = (error?: Error) => this.#lost(client, error)
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
    } catch (error) {
      abandon(client)
      throw error
    }
    this.#client = client
    this.#pause = FIRST_PAUSE_MILLISECONDS
    this.#beatLater(client)
  }

  #hear(payload: string): void {
    const change = parseChange(payload)
    if (change === undefined) this.#listeners.tellAll()
    else this.#listeners.tell(change.topic, change.key)
  }

  #lost(client: pg.Client, error: Error | undefined): void {
    if (this.#closed || client !== this.#client) return
    this.#log.warn('The connection that hears changes was lost', { error: error?.message })
    abandon(client)
    this.#client = undefined
    this.#connectLater()
  }

  #connectLater(): void {
    this.#schedule(this.#pause, () => this.#reconnect())
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MILLISECONDS)
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      this.#log.warn('Changes cannot be heard yet', { error: databaseFault(error) })
      this.#connectLater()
      return
    }
    this.#listeners.tellAll()
  }

  #beatLater(client: pg.Client): void {
    this.#schedule(HEARTBEAT_MILLISECONDS, async () => {
      try {
        await client.query('select 1')
        if (client === this.#client) this.#beatLater(client)
      } catch (error) {
        this.#lost(client, error instanceof Error ? error : undefined)
      }
    })
  }

  #schedule(milliseconds: number, work: () => Promise<void>): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => void work(), milliseconds)
    this.#timer.unref()
  }
}

/** Closes without waiting; whatever it still has to say does not matter any more. */
function abandon(client: pg.Client): void {
  client.end().catch(() => {})
}

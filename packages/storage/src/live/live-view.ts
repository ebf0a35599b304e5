/** A small part of the database held in memory, read again whenever it changes. */
import { Fault, type Log } from '@carnet/protocol'
import type { Database } from '../engine/index.ts'

export interface LiveView<Value> {
  /**
   * The newest value this process has read.
   *
   * @throws {Fault} `store-unavailable` where it is known to have changed and could not be read again: deciding by
   * what was withdrawn would be worse than not deciding
   */
  current(): Value
  /** Reads again; resolves with what is there now, at the earliest. */
  refresh(): Promise<Value>
  close(): void
}

/**
 * @param read - reads everything in one statement, so that the value is of one moment
 * @throws whatever the first `read` throws
 */
export async function createLiveView<Value>(
  db: Database,
  topic: string,
  log: Log,
  read: (known: Value | undefined) => Promise<Value>,
): Promise<LiveView<Value>> {
  let value = await read(undefined)
  let reading: Promise<Value> | undefined
  let next: Promise<Value> | undefined
  let failure: unknown

  async function readNow(): Promise<Value> {
    try {
      value = await read(value)
      failure = undefined
      return value
    } catch (error) {
      failure = error
      throw error
    } finally {
      reading = undefined
    }
  }

  /** A read that began before a change may have missed it, so a call during one waits for the next. */
  function refresh(): Promise<Value> {
    if (reading === undefined) {
      reading = readNow()
      return reading
    }
    next ??= reading
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return refresh()
      })
    return next
  }

  function refreshInBackground(): void {
    const wasKnown = failure !== undefined
    refresh().catch((error: unknown) => {
      if (!wasKnown) log.error('What is held in memory could not be read again', { topic, error })
    })
  }

  const unsubscribe = db.onChange(topic, refreshInBackground)
  // A change between the first read and the subscription went unheard.
  value = await refresh()

  return {
    current() {
      if ((failure !== undefined || !db.hearsChanges) && reading === undefined) refreshInBackground()
      if (failure !== undefined) {
        throw new Fault('store-unavailable', `A change of ${topic} could not be read`, { cause: failure })
      }
      return value
    },
    refresh,
    close: unsubscribe,
  }
}

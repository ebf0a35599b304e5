/** Entries by key, the recently used ones in memory until they change. */
import { LRUCache } from 'lru-cache'
import type { Database, Transaction } from '../engine/index.ts'

export interface EntryCache<Key, Value> {
  find(key: Key): Promise<Value | undefined>
  /**
   * Announces a change made in `tx` to every process. This one forgets the entry before the transaction resolves:
   * what it did itself it must not have to hear of.
   *
   * @param key - the entry, or `undefined` where any may have changed
   */
  changed(key: Key | undefined, tx: Transaction): Promise<void>
  close(): void
}

export interface EntryCacheOptions<Key, Value> {
  /** Its changes carry the key of the entry. */
  readonly topic: string
  readonly maxEntries: number
  readonly read: (key: Key) => Promise<Value | undefined>
}

/** What is absent is asked for every time: it may appear. */
export function createEntryCache<Key extends string, Value extends object>(
  db: Database,
  { topic, maxEntries, read }: EntryCacheOptions<Key, Value>,
): EntryCache<Key, Value> {
  const entries = new LRUCache<string, Value>({ max: maxEntries })
  let changes = 0

  function forget(key: string | undefined): void {
    changes++
    if (key === undefined) entries.clear()
    else entries.delete(key)
  }

  async function readAndKeep(key: Key): Promise<Value | undefined> {
    const changesBefore = changes
    const value = await read(key)
    // What was read while something changed may be what it was before the change.
    if (value !== undefined && changes === changesBefore) entries.set(key, value)
    return value
  }

  return {
    async find(key) {
      const known = db.hearsChanges ? entries.get(key) : undefined
      return known ?? readAndKeep(key)
    },
    async changed(key, tx) {
      tx.onEnd((outcome) => {
        if (outcome !== 'rolled-back') forget(key)
      })
      await db.publish(tx, topic, key)
    },
    close: db.onChange(topic, forget),
  }
}

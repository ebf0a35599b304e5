/** Who in this process listens to which topic. */
import type { Log, Unsubscribe } from '@carnet/protocol'
import type { ChangeListener } from './database.ts'

export class ChangeListeners {
  readonly #byTopic = new Map<string, Set<ChangeListener>>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  add(topic: string, listener: ChangeListener): Unsubscribe {
    // Wrapped, so that one function may listen twice and leave once.
    const entry: ChangeListener = (key) => listener(key)
    const listeners = this.#byTopic.get(topic) ?? new Set()
    this.#byTopic.set(topic, listeners.add(entry))
    return () => {
      listeners.delete(entry)
    }
  }

  tell(topic: string, key: string | undefined): void {
    for (const listener of this.#byTopic.get(topic) ?? []) {
      try {
        listener(key)
      } catch (error) {
        // One listener's bug must not keep a cut-off from the others.
        this.#log.error('A change listener failed', { topic, error })
      }
    }
  }

  /** Something may have been missed: everyone looks again. */
  tellAll(): void {
    for (const topic of this.#byTopic.keys()) this.tell(topic, undefined)
  }

  clear(): void {
    this.#byTopic.clear()
  }
}

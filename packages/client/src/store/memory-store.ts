import type { Hidden } from '@carnet/protocol'
import type { TokenStore } from './token-store.ts'
import { Turns } from './turns.ts'

/** Keeps tokens in this process only: for tests, and for applications that sign in anew each time. */
export function memoryStore(): TokenStore {
  const values = new Map<string, Hidden>()
  const turns = new Turns()
  return {
    read: async (key) => values.get(key),
    write: async (key, value) => {
      values.set(key, value)
    },
    remove: async (key) => {
      values.delete(key)
    },
    keys: async () => [...values.keys()],
    exclusively: (key, work) => turns.take(key, work),
  }
}

/** A revocation log in the memory of one process: for tests and first steps, never for production. */
import type { Random } from '@carnet/protocol'
import type { RevocationLog, RevocationRecord } from './types.ts'

export interface MemoryRevocationLog extends RevocationLog {
  /** Adds a record under the next position, unless one with its id is already there. */
  append(record: Omit<RevocationRecord, 'seq'>): RevocationRecord
}

export function createMemoryRevocationLog(random: Random): MemoryRevocationLog {
  const records: RevocationRecord[] = []
  const listeners = new Set<() => void>()
  const generation = random.token(9)
  return {
    generation: async () => generation,
    after: async (seq, limit) => records.filter((record) => record.seq > seq).slice(0, limit),
    onAppend(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    append(record) {
      const known = records.find(({ id }) => id === record.id)
      if (known !== undefined) return known
      const added = { ...record, seq: records.length + 1 }
      records.push(added)
      for (const listener of listeners) listener()
      return added
    },
  }
}

/** The registry in PostgreSQL, and in the memory of every process. */
import type { IssuerId, Log, Result } from '@carnet/protocol'
import {
  changeRegistry,
  type RegistryChange,
  type RegistryReader,
  type RegistryRefusal,
  type RegistrySnapshot,
} from '@carnet/registry'
import type { Database } from '../engine/index.ts'
import { createLiveView } from '../live/live-view.ts'
import { readContents, readSnapshot, writeChange } from './registry-rows.ts'

/** The topic on which every process hears of a changed registry. */
export const REGISTRY_TOPIC = 'registry'

export interface RegistryStore extends RegistryReader {
  /**
   * Makes a change as a whole, or not at all; this process sees it when the call resolves.
   *
   * @returns every problem of the registry as it would be
   */
  change(change: RegistryChange): Promise<Result<RegistrySnapshot, RegistryRefusal>>
  close(): void
}

export interface RegistryStoreOptions {
  /** The issuer's own identifier: never an authorization server of its registry. */
  readonly self: IssuerId
  readonly log: Log
}

export async function createRegistryStore(db: Database, { self, log }: RegistryStoreOptions): Promise<RegistryStore> {
  const view = await createLiveView<RegistrySnapshot>(db, REGISTRY_TOPIC, log, () => readSnapshot(db))
  return {
    current: view.current,
    close: view.close,
    async change(change) {
      const changed = await db.transaction(async (tx) => {
        // Two changes that are right each by itself may be wrong together.
        await tx.query('select version from registry_state for update')
        const result = changeRegistry(await readContents(tx), change, self)
        if (!result.ok) return result
        await writeChange(tx, change)
        await db.publish(tx, REGISTRY_TOPIC)
        return result
      })
      return changed.ok ? { ok: true, value: await view.refresh() } : changed
    },
  }
}

/** Everything a Resource Authorization Server keeps, in PostgreSQL: one store for each server, by its issuer identifier. */
import type { IssuerId, Log, Random } from '@carnet/protocol'
import type { Registered, Registrations, RegistrationsReader } from '@carnet/resource-as'
import type { AuditLog } from '../audit/index.ts'
import type { Database } from '../engine/index.ts'
import { createLiveView } from '../live/live-view.ts'
import type { RevocationStore } from '../revocation/index.ts'
import { type AccountStore, createAccountStore } from './account-store.ts'
import { createRedemptionStore, type RedemptionStore } from './redemption-store.ts'
import { type RegisteredKeys, readRegistrations, removeRegistered, writeRegistered } from './registration-rows.ts'

/** The topic on which every process hears of changed registrations; the key is the realm. */
export const RESOURCE_AS_TOPIC = 'resource-as'

export interface ResourceAsStoreOptions {
  /** The server's issuer identifier. */
  readonly realm: IssuerId
  readonly audit: Pick<AuditLog, 'append'>
  readonly revocations: Pick<RevocationStore, 'findInStep'>
  readonly random: Random
  readonly log: Log
}

export interface ResourceAsStore {
  readonly registrations: RegistrationsReader
  readonly accounts: AccountStore
  /** Both the `redemptions` and the `tokens` of the server. */
  readonly redemptions: RedemptionStore
  /**
   * Adds or replaces what is named, as a whole or not at all; this process sees it when the call resolves.
   *
   * @throws {Fault} `configuration-invalid` for an entry that breaks a rule
   */
  register(put: Partial<Registered>): Promise<Registrations>
  /** Forgets what is named. */
  unregister(remove: RegisteredKeys): Promise<Registrations>
  close(): void
}

export async function createResourceAsStore(db: Database, options: ResourceAsStoreOptions): Promise<ResourceAsStore> {
  const { realm, random, log } = options
  const view = await createLiveView<Registrations>(db, RESOURCE_AS_TOPIC, log, () => readRegistrations(db, realm))
  const accounts = createAccountStore(db, realm, random)

  async function change(write: (tx: Parameters<typeof writeRegistered>[0]) => Promise<void>): Promise<Registrations> {
    await db.transaction(async (tx) => {
      await write(tx)
      await db.publish(tx, RESOURCE_AS_TOPIC, realm)
    })
    return view.refresh()
  }

  return {
    registrations: { current: view.current },
    accounts,
    redemptions: createRedemptionStore(db, options),
    register: (put) => change((tx) => writeRegistered(tx, realm, put)),
    unregister: (remove) => change((tx) => removeRegistered(tx, realm, remove)),
    close() {
      view.close()
      accounts.close()
    },
  }
}

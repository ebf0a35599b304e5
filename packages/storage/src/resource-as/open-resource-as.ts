/** Everything a Resource Authorization Server needs that is in the database, ready to be handed to it. */
import type { Clock, EventSink, OutboundHttp, Random, Timer, Unsubscribe } from '@carnet/protocol'
import { createIssuerKeys, type ResourceAsPorts, type SigningKeys } from '@carnet/resource-as'
import { createRevocationIndex, followLog } from '@carnet/revocation'
import type { Database } from '../engine/index.ts'
import { createReplayGuard } from '../one-time/index.ts'
import { createRevocationStore } from '../revocation/index.ts'
import { createResourceAsStore, type ResourceAsStore, type ResourceAsStoreOptions } from './resource-as-store.ts'

export interface OpenResourceAsOptions extends Omit<ResourceAsStoreOptions, 'audit' | 'revocations'> {
  readonly audit: ResourceAsStoreOptions['audit'] & EventSink
  /** The server's own keys: another realm's are never used. */
  readonly signingKeys: SigningKeys
  /** For the keys of the issuers it trusts. */
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly random: Random
  readonly timer: Timer
}

export interface OpenResourceAs {
  readonly ports: ResourceAsPorts
  readonly store: ResourceAsStore
  close(): void
}

const PURGE_EVERY_SECONDS = 300

/**
 * @returns once this process holds every revocation of the realm
 * @throws {Fault} `store-unavailable`
 */
export async function openResourceAs(db: Database, options: OpenResourceAsOptions): Promise<OpenResourceAs> {
  const { realm, audit, signingKeys, http, clock, random, timer, log } = options
  const revocations = createRevocationStore(db)
  const revocationLog = revocations.log(realm)
  const index = createRevocationIndex()
  const store = await createResourceAsStore(db, { ...options, revocations })
  const unfollow = await followLog(revocationLog, index, { timer, log })
  const stopPurging = purgeNowAndThen(store, options)
  return {
    store,
    ports: {
      registrations: store.registrations,
      accounts: store.accounts,
      redemptions: store.redemptions,
      tokens: store.redemptions,
      revocations: { index, log: revocationLog, append: (revocation) => revocations.append(realm, revocation) },
      signingKeys,
      issuerKeys: createIssuerKeys({ http, clock }),
      replay: createReplayGuard(db, clock),
      events: audit,
      clock,
      random,
      log,
    },
    close() {
      stopPurging()
      unfollow()
      store.close()
    },
  }
}

function purgeNowAndThen({ redemptions }: ResourceAsStore, { timer, log, realm }: OpenResourceAsOptions): Unsubscribe {
  let callOff: Unsubscribe = () => {}
  const wait = () => {
    callOff = timer.after(PURGE_EVERY_SECONDS, () => {
      // What is not purged now is purged next time.
      redemptions.purge().catch((error: unknown) => log.warn('Old redemptions could not be removed', { realm, error }))
      wait()
    })
  }
  wait()
  return () => callOff()
}

/** Opens the database and everything that is kept in it. */

import type { PersonWithdrawal } from '@carnet/directory'
import type { Grants, OidcRecords } from '@carnet/idp'
import { type Clock, Fault, type IssuerId, type Log, type Random, type ReplayGuard } from '@carnet/protocol'
import { createRevocationIndex, followLog, type RevocationIndex, systemTimer } from '@carnet/revocation'
import {
  type AuditLog,
  type AuditTrail,
  createAuditLog,
  createAuditTrail,
  createDemoPasswordStore,
  createGrantLedger,
  createOidcRecords,
  createPeopleStore,
  createPersonWithdrawal,
  createPolicyStore,
  createRegistryStore,
  createReplayGuard,
  createRevocationStore,
  createSignInStore,
  type Database,
  type DatabaseLocation,
  type DemoPasswordStore,
  openDatabase,
  type PeopleStore,
  type PolicyStore,
  type RegistryStore,
  type RevocationStore,
  type SignInStore,
} from '@carnet/storage'

export interface Stores {
  readonly db: Database
  readonly audit: AuditLog
  readonly trail: AuditTrail
  readonly registry: RegistryStore
  readonly people: PeopleStore
  readonly passwords: DemoPasswordStore
  readonly signIns: SignInStore
  readonly policy: PolicyStore
  readonly records: OidcRecords
  readonly grants: Grants
  readonly replay: ReplayGuard
  readonly revocations: RevocationStore
  readonly withdrawal: PersonWithdrawal
  /** What the issuer has withdrawn, level with the database before anything is served. */
  readonly revoked: RevocationIndex
  /** Removes revocation records that can match nothing alive any more. */
  tidy(): Promise<void>
  close(): Promise<void>
}

export interface StoresOptions {
  readonly database: DatabaseLocation
  readonly issuer: IssuerId
  /** Longest life of anything issued to a person, skew included, in seconds. */
  readonly keepSeconds: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** @throws {Fault} `store-locked`, `store-unavailable` or `configuration-invalid` */
export async function openStores({
  database,
  issuer,
  keepSeconds,
  clock,
  random,
  log,
}: StoresOptions): Promise<Stores> {
  const db = await openDatabase(database, { log })
  try {
    // A chain of its own for each run of each process: two writers of one chain would break it.
    const audit = await createAuditLog({ db, writer: `server-${random.token(9)}` })
    const registry = await createRegistryStore(db, { self: issuer, log })
    const people = createPeopleStore(db)
    const signIns = createSignInStore(db)
    const policy = await createPolicyStore(db, log)
    const revocations = createRevocationStore(db)
    const revoked = createRevocationIndex()
    const stopFollowing = await followLog(revocations.log(issuer), revoked, { timer: systemTimer, log })
    const withdrawal = createPersonWithdrawal({ db, issuer, people, signIns, revocations, audit, random, keepSeconds })
    return {
      db,
      audit,
      trail: createAuditTrail(db),
      registry,
      people,
      passwords: createDemoPasswordStore(db, random),
      signIns,
      policy,
      records: createOidcRecords(db, clock),
      grants: createGrantLedger(db, { issuer, audit, revocations }),
      replay: createReplayGuard(db, clock),
      revocations,
      withdrawal,
      revoked,
      tidy() {
        revoked.forgetExpired(clock.now())
        return revocations.purge()
      },
      async close() {
        stopFollowing()
        for (const store of [registry, people, signIns, policy]) store.close()
        await db.close()
      },
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/**
 * Whether this process may serve: its clock agrees with the database's, and it hears what other processes do.
 *
 * INVARIANT (one clock): cut-offs come from the database, `iat` from this process; beyond a second apart, a token
 * could outlive its cut-off.
 */
export async function readiness(db: Database, nowSeconds: number): Promise<readonly string[]> {
  try {
    const drift = Math.abs((await db.now()) - nowSeconds)
    return [
      ...(drift <= 1 ? [] : [`the clock is ${drift} s away from the database's`]),
      ...(db.hearsChanges ? [] : ['changes of other processes are not heard']),
    ]
  } catch (error) {
    if (error instanceof Fault) return [`the database does not answer (${error.code})`]
    throw error
  }
}

/** The issuer's real stores on a database. */
import type { IssuerId } from '@carnet/protocol'
import { createOidcRecords, createReplayGuard, createSigningKeyStore, type Database } from '@carnet/storage'
import { masterKeyOf, systemClock, systemRandom } from '@carnet/tokens'
import type { Stores } from './oidc-fixture.ts'

const masterKey = masterKeyOf(Buffer.alloc(32, 7))

export function storesOn(db: Database): (issuer: IssuerId) => Stores {
  return (issuer) => ({
    records: createOidcRecords(db, systemClock),
    signingKeys: createSigningKeyStore({ db, issuer, masterKey, random: systemRandom }),
    replay: createReplayGuard(db, systemClock),
  })
}

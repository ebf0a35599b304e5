/** Signing keys in PostgreSQL: private parts sealed, one process changing them at a time, all hearing of it. */

import type { SigningKeyStore } from '@carnet/idp'
import type { EpochSeconds, IssuerId, KeyId, Random } from '@carnet/protocol'
import { type MasterKey, openSigningKey, type SigningAlgorithm, type SigningKey, sealSigningKey } from '@carnet/tokens'
import type { Database, Queryable } from '../engine/index.ts'

const TOPIC = 'signing-keys'

interface Row {
  readonly kid: KeyId
  readonly alg: SigningAlgorithm
  readonly signs_from: number
  readonly signs_until: number | null
  readonly published_until: number | null
  readonly sealed: string
}

export interface SigningKeyStoreContext {
  readonly db: Database
  /** Whose keys: keys of different issuers are never mixed. */
  readonly issuer: IssuerId
  readonly masterKey: MasterKey
  readonly random: Random
}

export function createSigningKeyStore({ db, issuer, masterKey, random }: SigningKeyStoreContext): SigningKeyStore {
  async function load(source: Queryable): Promise<readonly SigningKey[]> {
    const rows = await source.query<Row>(
      `select kid, alg, signs_from, signs_until, published_until, sealed
       from signing_key where issuer = $1 order by signs_from, kid`,
      [issuer],
    )
    return rows.map((row) =>
      openSigningKey(
        {
          kid: row.kid,
          alg: row.alg,
          signsFrom: row.signs_from as EpochSeconds,
          signsUntil: instant(row.signs_until),
          publishedUntil: instant(row.published_until),
          sealed: row.sealed,
        },
        masterKey,
      ),
    )
  }

  return {
    load: () => load(db),

    change: (decide) =>
      db.transaction(async (tx) => {
        // Two processes that both found no key must not both make the first one.
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${TOPIC} ${issuer}`])
        const before = await load(tx)
        const after = decide(before)
        if (after === before) return before
        await tx.query('delete from signing_key where issuer = $1', [issuer])
        for (const key of after) {
          const { kid, alg, signsFrom, signsUntil, publishedUntil, sealed } = sealSigningKey(key, masterKey, random)
          await tx.query(
            `insert into signing_key (issuer, kid, alg, signs_from, signs_until, published_until, sealed)
             values ($1, $2, $3, $4, $5, $6, $7)`,
            [issuer, kid, alg, signsFrom, signsUntil ?? null, publishedUntil ?? null, sealed],
          )
        }
        await db.publish(tx, TOPIC, issuer)
        return after
      }),

    onChange: (listener) =>
      db.onChange(TOPIC, (changed) => {
        if (changed === undefined || changed === issuer) listener()
      }),
  }
}

function instant(value: number | null): EpochSeconds | undefined {
  return value === null ? undefined : (value as EpochSeconds)
}

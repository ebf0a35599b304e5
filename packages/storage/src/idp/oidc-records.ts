/** The artefacts of the OpenID provider in PostgreSQL. */

import type { OidcRecord, OidcRecords } from '@carnet/idp'
import type { ClientId, Clock, EpochSeconds, PersonId, SessionId } from '@carnet/protocol'
import type { Database, Queryable } from '../engine/index.ts'

/** How long a record outlives its expiry, so that using it again is still recognised as using it again. */
const KEEP_EXPIRED_SECONDS = 3600
const PURGE_EVERY_SECONDS = 300

interface Row {
  readonly model: string
  readonly id_hash: string
  readonly uid: string | null
  readonly grant_id: string | null
  readonly person: string | null
  readonly client: string | null
  readonly sid: string | null
  readonly payload: string
  readonly consumed_at: number | null
  readonly expires_at: number | null
}

/** @param clock - says what has expired, for tidying up only */
export function createOidcRecords(db: Database, clock: Clock): OidcRecords {
  let purgeAt = 0

  /** Tidies up on the way of a write, so that nothing needs to be scheduled. */
  async function purgeNowAndThen(): Promise<void> {
    const now = clock.now()
    if (now < purgeAt) return
    purgeAt = now + PURGE_EVERY_SECONDS
    await db.query('delete from oidc_record where expires_at < $1', [now - KEEP_EXPIRED_SECONDS])
  }

  return {
    async save(record) {
      await purgeNowAndThen()
      await db.query(
        `insert into oidc_record (model, id_hash, uid, grant_id, person, client, sid, payload, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (model, id_hash) do update set
           uid = excluded.uid, grant_id = excluded.grant_id, person = excluded.person, client = excluded.client,
           sid = excluded.sid, payload = excluded.payload, expires_at = excluded.expires_at`,
        [
          record.model,
          record.idHash,
          record.uid ?? null,
          record.grantId ?? null,
          record.person ?? null,
          record.client ?? null,
          record.sid ?? null,
          record.payload,
          record.expiresAt ?? null,
        ],
      )
    },

    async find(model, idHash) {
      const [row] = await db.query<Row>('select * from oidc_record where model = $1 and id_hash = $2', [model, idHash])
      return row && toRecord(row)
    },

    async findByUid(model, uid) {
      const [row] = await db.query<Row>('select * from oidc_record where model = $1 and uid = $2', [model, uid])
      return row && toRecord(row)
    },

    async consume(model, idHash, at) {
      const consumed = await db.query(
        `update oidc_record set consumed_at = $3
         where model = $1 and id_hash = $2 and consumed_at is null returning 1 as one`,
        [model, idHash, at],
      )
      return consumed.length === 1 ? 'first' : 'seen'
    },

    async remove(model, idHash) {
      await db.query('delete from oidc_record where model = $1 and id_hash = $2', [model, idHash])
    },

    async removeByGrant(model, grantId) {
      const removed = await db.query<{ sid: SessionId | null }>(
        'delete from oidc_record where grant_id = $2 and model = $1 returning sid',
        [model, grantId],
      )
      return removed.flatMap(({ sid }) => (sid === null ? [] : [sid]))
    },

    removePerson: (person) => removeOidcRecords(person, db),

    async moveGrant(grantId, sid) {
      await db.query(`update oidc_record set sid = $2 where grant_id = $1 and model = 'RefreshToken'`, [grantId, sid])
    },
  }
}

/** Removes every artefact of a person, as part of whatever `db` is. */
export async function removeOidcRecords(person: PersonId, db: Queryable): Promise<void> {
  await db.query('delete from oidc_record where person = $1', [person])
}

function toRecord(row: Row): OidcRecord {
  return {
    model: row.model,
    idHash: row.id_hash,
    uid: row.uid ?? undefined,
    grantId: row.grant_id ?? undefined,
    person: (row.person ?? undefined) as PersonId | undefined,
    client: (row.client ?? undefined) as ClientId | undefined,
    sid: (row.sid ?? undefined) as SessionId | undefined,
    payload: row.payload,
    consumedAt: instant(row.consumed_at),
    expiresAt: instant(row.expires_at),
  }
}

function instant(value: number | null): EpochSeconds | undefined {
  return value === null ? undefined : (value as EpochSeconds)
}

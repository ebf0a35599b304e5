/** One-time identifiers in PostgreSQL: of all claims of one identifier, on any process, exactly one is the first. */
import { createHash } from 'node:crypto'
import type { Clock, EpochSeconds, ReplayGuard } from '@carnet/protocol'
import { createBatcher } from '../engine/batcher.ts'
import type { Database } from '../engine/index.ts'

const PURGE_EVERY_SECONDS = 300

interface Claim {
  readonly scope: string
  readonly idHash: string
  readonly until: EpochSeconds
}

/** @param clock - says what may be forgotten */
export function createReplayGuard(db: Database, clock: Clock): ReplayGuard {
  const claimInBatch = createBatcher((claims: readonly Claim[]) => insertAll(db, claims), { maxItems: 200 })
  let purgeAt = 0

  async function purgeNowAndThen(): Promise<void> {
    const now = clock.now()
    if (now < purgeAt) return
    purgeAt = now + PURGE_EVERY_SECONDS
    await db.query('delete from one_time_id where until < $1', [now])
  }

  return {
    async claim(scope, id, until) {
      await purgeNowAndThen()
      return claimInBatch({ scope, idHash: createHash('sha256').update(id).digest('base64url'), until })
    },
  }
}

/**
 * One statement for all claims. What it returns was not there before; the same identifier twice is first once.
 * The order keeps batches of different processes from waiting for each other in a circle.
 */
async function insertAll(db: Database, claims: readonly Claim[]): Promise<readonly ('first' | 'seen')[]> {
  const inserted = await db.query<{ scope: string; id_hash: string }>(
    `insert into one_time_id (scope, id_hash, until)
     select * from unnest($1::text[], $2::text[], $3::bigint[]) order by 1, 2
     on conflict (scope, id_hash) do nothing
     returning scope, id_hash`,
    [claims.map(({ scope }) => scope), claims.map(({ idHash }) => idHash), claims.map(({ until }) => until)],
  )
  const fresh = new Set(inserted.map((row) => keyOf(row.scope, row.id_hash)))
  return claims.map(({ scope, idHash }) => (fresh.delete(keyOf(scope, idHash)) ? 'first' : 'seen'))
}

function keyOf(scope: string, idHash: string): string {
  return `${idHash} ${scope}`
}

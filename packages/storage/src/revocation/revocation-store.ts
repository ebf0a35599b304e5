/**
 * Revocation records in PostgreSQL.
 *
 * INVARIANT (order): within a realm, records become visible in the order of their `seq`, so that a reader who has
 * seen one has seen all before it. Appending locks the realm's head row until the transaction ends.
 */
import type { EpochSeconds, TenantId } from '@carnet/protocol'
import { Fault } from '@carnet/protocol'
import {
  keyOf,
  type RevocableFacts,
  type RevocationLog,
  type RevocationRecord,
  type RevocationTarget,
} from '@carnet/revocation'
import type { Database, Queryable, Transaction } from '../engine/index.ts'
import { fromRow, RECORD_COLUMNS, type RecordRow } from './record-row.ts'

/** The topic on which every process hears of new records; the key is the realm. */
export const REVOCATIONS_TOPIC = 'revocations'

export interface NewRevocation {
  /** Appending the same id again changes nothing. */
  readonly id: string
  readonly tenant: TenantId
  readonly target: RevocationTarget
  /** The database's now unless told; never later than that. */
  readonly cutoff?: EpochSeconds
  /** Longest life of anything it ends, skew included, in seconds: after that the record may be forgotten. */
  readonly keepSeconds: number
  readonly reason: string
  readonly eventId: string
}

export interface RevocationStore {
  /**
   * Puts a record under the next position of the realm's history and tells every process.
   *
   * @param realm - the issuer identifier of the party that keeps the record
   * @param tx - the transaction of which the record is part; its own otherwise
   */
  append(realm: string, revocation: NewRevocation, tx?: Transaction): Promise<RevocationRecord>
  log(realm: string): RevocationLog
  /**
   * Finds for each of `facts` the record that ended it, and makes every append of the realm wait until `tx` ends:
   * what is issued in `tx` is issued before the next cut-off, or not at all.
   */
  findInStep(
    realm: string,
    facts: readonly RevocableFacts[],
    tx: Transaction,
  ): Promise<(RevocationRecord | undefined)[]>
  /** Removes what may be forgotten. */
  purge(): Promise<void>
}

export function createRevocationStore(db: Database): RevocationStore {
  return {
    append: (realm, revocation, tx) =>
      tx === undefined
        ? db.transaction((own) => append(db, realm, revocation, own))
        : append(db, realm, revocation, tx),
    log: (realm) => createLog(db, realm),
    findInStep: (realm, facts, tx) => findInStep(realm, facts, tx),
    async purge() {
      await db.query(`delete from revocation where expires_at < ${NOW}`)
    },
  }
}

const NOW = 'floor(extract(epoch from clock_timestamp()))::bigint'

async function append(
  db: Database,
  realm: string,
  revocation: NewRevocation,
  tx: Transaction,
): Promise<RevocationRecord> {
  const seq = await nextSeq(realm, tx)
  const { id, tenant, target, cutoff, keepSeconds, reason, eventId } = revocation
  // The clock is read under the lock: of two records, the later one has the later cut-off.
  const [added] = await tx.query<RecordRow>(
    `with at as (select least(coalesce($6::bigint, ${NOW}), ${NOW}) as cutoff)
     insert into revocation (realm, seq, id, tenant, kind, target, cutoff, expires_at, reason, event_id)
     select $1, $2, $3, $4, $5, $7, at.cutoff, at.cutoff + $8::bigint, $9, $10 from at
     on conflict (realm, id) do nothing
     returning ${RECORD_COLUMNS}`,
    [realm, seq, id, tenant, target.kind, cutoff ?? null, keyOf(target), Math.ceil(keepSeconds), reason, eventId],
  )
  if (added !== undefined) {
    await db.publish(tx, REVOCATIONS_TOPIC, realm)
    return fromRow(added)
  }
  const [known] = await tx.query<RecordRow>(`select ${RECORD_COLUMNS} from revocation where realm = $1 and id = $2`, [
    realm,
    id,
  ])
  if (known === undefined) throw new Fault('internal', 'A revocation record was neither added nor found')
  return fromRow(known)
}

async function nextSeq(realm: string, tx: Transaction): Promise<number> {
  const [head] = await tx.query<{ seq: number }>(
    `insert into revocation_head (realm, seq) values ($1, 1)
     on conflict (realm) do update set seq = revocation_head.seq + 1
     returning seq`,
    [realm],
  )
  if (head === undefined) throw new Fault('internal', 'A realm has no revocation head')
  return head.seq
}

function createLog(db: Database, realm: string): RevocationLog {
  let generation: string | undefined
  return {
    async generation() {
      generation ??= await generationOf(db, realm)
      return generation
    },
    async after(seq, limit) {
      const rows = await db.query<RecordRow>(
        `select ${RECORD_COLUMNS} from revocation
         where realm = $1 and seq > $2 and expires_at >= ${NOW} order by seq limit $3`,
        [realm, seq, limit],
      )
      return rows.map(fromRow)
    },
    onAppend: (listener) =>
      db.onChange(REVOCATIONS_TOPIC, (key) => {
        if (key === undefined || key === realm) listener()
      }),
  }
}

/** A realm's history is named when it is first asked for, so that its name outlives an empty beginning. */
async function generationOf(db: Queryable, realm: string): Promise<string> {
  const [head] = await db.query<{ generation: string }>(
    `insert into revocation_head (realm, seq) values ($1, 0)
     on conflict (realm) do update set seq = revocation_head.seq
     returning generation`,
    [realm],
  )
  if (head === undefined) throw new Fault('internal', 'A realm has no revocation head')
  return head.generation
}

async function findInStep(
  realm: string,
  facts: readonly RevocableFacts[],
  tx: Transaction,
): Promise<(RevocationRecord | undefined)[]> {
  // Statements of their own: the second must see what committed while the first waited for the lock.
  await holdHead(realm, tx)
  const candidates = distinct(facts.flatMap(targetsOf))
  const rows = await tx.query<RecordRow>(
    `select ${RECORD_COLUMNS} from revocation
     join unnest($2::text[], $3::text[], $4::text[]) as wanted (tenant, kind, target) using (tenant, kind, target)
     where realm = $1`,
    [
      realm,
      candidates.map(([tenant]) => tenant),
      candidates.map(([, kind]) => kind),
      candidates.map(([, , key]) => key),
    ],
  )
  const records = rows.map(fromRow)
  return facts.map((fact) =>
    records.find((record) => fact.issuedAt <= record.cutoff && targetsOf(fact).some((target) => names(record, target))),
  )
}

/** Lets other readers in step through, and no append. */
async function holdHead(realm: string, tx: Transaction): Promise<void> {
  const hold = () => tx.query('select seq from revocation_head where realm = $1 for share', [realm])
  if ((await hold()).length > 0) return
  await tx.query('insert into revocation_head (realm, seq) values ($1, 0) on conflict (realm) do nothing', [realm])
  await hold()
}

type NamedTarget = readonly [tenant: string, kind: RevocationTarget['kind'], key: string]

function targetsOf({ tenant, subject, client, session, resource, token }: RevocableFacts): readonly NamedTarget[] {
  return [
    [tenant, 'everything', ''],
    [tenant, 'subject', subject],
    [tenant, 'client', client],
    ...(session === undefined ? [] : [[tenant, 'session', session] as const]),
    ...(resource === undefined ? [] : [[tenant, 'resource', resource] as const]),
    ...(token === undefined ? [] : [[tenant, 'token', token] as const]),
  ]
}

/** Many redemptions at once are of the same tenant, client and server. */
function distinct(targets: readonly NamedTarget[]): readonly NamedTarget[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()]
}

function names(record: RevocationRecord, [tenant, kind, key]: NamedTarget): boolean {
  return record.tenant === tenant && record.target.kind === kind && keyOf(record.target) === key
}

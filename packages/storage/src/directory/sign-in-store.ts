/** Sign-ins in PostgreSQL: who signed in where, how, and whether it still counts. */
import type { SignIn, SignInReader } from '@carnet/directory'
import type { ClientId, EpochSeconds, PersonId, SessionId } from '@carnet/protocol'
import type { Database, Queryable, Transaction } from '../engine/index.ts'
import { createEntryCache } from '../live/entry-cache.ts'

/** The topic on which every process hears of an ended sign-in; the key is its `sid`. */
export const SIGN_INS_TOPIC = 'sign-ins'

const MAX_SIGN_INS_IN_MEMORY = 50_000

export type SignInTarget = { readonly sid: SessionId } | { readonly person: PersonId }

export interface SignInStore extends SignInReader {
  /** Keeps a new sign-in; one that is already known stays as it is. */
  record(signIn: SignIn): Promise<void>
  /**
   * Ends one sign-in, or all of a person. Ending twice keeps the first instant.
   *
   * @param tx - the transaction of which the end is part; its own otherwise
   */
  end(target: SignInTarget, at: EpochSeconds, tx?: Transaction): Promise<void>
  close(): void
}

export function createSignInStore(db: Database): SignInStore {
  const cache = createEntryCache<SessionId, SignIn>(db, {
    topic: SIGN_INS_TOPIC,
    maxEntries: MAX_SIGN_INS_IN_MEMORY,
    read: (sid) => readSignIn(db, sid),
  })
  const endWithin = async (target: SignInTarget, at: EpochSeconds, tx: Transaction) => {
    for (const sid of await endRows(tx, target, at)) await cache.changed(sid, tx)
  }
  return {
    find: cache.find,
    close: cache.close,
    record: (signIn) => writeSignIn(db, signIn),
    end: (target, at, tx) =>
      tx === undefined ? db.transaction((own) => endWithin(target, at, own)) : endWithin(target, at, tx),
  }
}

interface SignInRow {
  readonly sid: SessionId
  readonly person: PersonId
  readonly client: ClientId
  readonly auth_time: EpochSeconds
  readonly acr: string
  readonly amr: readonly string[]
  readonly upstream: string
  readonly event_id: string
  readonly ended_at: EpochSeconds | null
}

async function readSignIn(db: Queryable, sid: SessionId): Promise<SignIn | undefined> {
  const [row] = await db.query<SignInRow>(
    'select sid, person, client, auth_time, acr, amr, upstream, event_id, ended_at from sign_in where sid = $1',
    [sid],
  )
  if (row === undefined) return undefined
  const { auth_time: authTime, event_id: eventId, ended_at: endedAt, ...rest } = row
  return { ...rest, authTime, eventId, endedAt: endedAt ?? undefined }
}

async function writeSignIn(db: Queryable, signIn: SignIn): Promise<void> {
  const { sid, person, client, authTime, acr, amr, upstream, eventId, endedAt } = signIn
  await db.query(
    `insert into sign_in (sid, person, client, auth_time, acr, amr, upstream, event_id, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (sid) do nothing`,
    [sid, person, client, authTime, acr, amr, upstream, eventId, endedAt ?? null],
  )
}

async function endRows(tx: Queryable, target: SignInTarget, at: EpochSeconds): Promise<readonly SessionId[]> {
  const [column, value] = 'sid' in target ? ['sid', target.sid] : ['person', target.person]
  const ended = await tx.query<{ sid: SessionId }>(
    `update sign_in set ended_at = $2 where ${column} = $1 and ended_at is null returning sid`,
    [value, at],
  )
  return ended.map(({ sid }) => sid)
}

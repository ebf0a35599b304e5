/** Reads the audit log: one story, the newest events, and whether it is all as it was written. */
import {
  type AuditReader,
  type ChainHead,
  type ChainRefusal,
  type EventLinks,
  emptyChain,
  type RecordedEvent,
  type Story,
  storyOf,
  verifyChain,
} from '@carnet/audit'
import { accept, type Result, type Txn } from '@carnet/protocol'
import type { Database } from '../engine/index.ts'
import { ENTRY_COLUMNS, type EntryRow, recordedEvent } from './entry-row.ts'

export interface AuditTrail {
  /** Everything that belongs to one `txn`, from the sign-in to what ended it. */
  byTxn(txn: Txn): Promise<Story>

  /** The newest events, newest first. */
  recent(limit: number, only?: RecentFilter): Promise<readonly RecordedEvent[]>

  /**
   * Verifies the chains of all writers from their first entry.
   *
   * @returns the head of every chain, or the first entry that is not as it was written
   */
  verify(): Promise<Result<readonly ChainHead[], ChainRefusal>>
}

/** An event must match all that is given. */
export interface RecentFilter {
  readonly type?: string
  readonly person?: string
  readonly client?: string
  readonly resource?: string
}

const LINKED = `
select ${ENTRY_COLUMNS} from audit_entry
where (txn = $1 or txn is null) and (
  txn = $1
  or id = any($2::text[])
  or causes ?| $3::text[]
  or session = any($4::text[])
  or (type = any($7::text[]) and at >= $8 and (person = any($5::text[]) or subject = any($6::text[])))
)
order by at, writer, seq
limit $9`

const RECENT = `
select ${ENTRY_COLUMNS} from audit_entry
where ($2::text is null or type = $2) and ($3::text is null or person = $3)
  and ($4::text is null or client = $4) and ($5::text is null or resource = $5)
order by at desc, writer, seq desc
limit $1`

const PAGE = 1000

export function createAuditTrail(db: Database): AuditTrail {
  const reader: AuditReader = {
    async linked(links, limit) {
      const rows = await db.query<EntryRow>(LINKED, linkedParameters(links, limit))
      return rows.map(recordedEvent)
    },
  }
  return {
    byTxn: (txn) => storyOf(txn, reader),

    async recent(limit, { type, person, client, resource } = {}) {
      const filter = [type, person, client, resource].map((value) => value ?? null)
      const rows = await db.query<EntryRow>(RECENT, [limit, ...filter])
      return rows.map(recordedEvent)
    },

    async verify() {
      const heads: ChainHead[] = []
      for (const { writer } of await db.query<{ writer: string }>('select distinct writer from audit_entry')) {
        const head = await verifyWriter(db, writer)
        if (!head.ok) return head
        heads.push(head.value)
      }
      return accept(heads)
    },
  }
}

function linkedParameters(links: EventLinks, limit: number): readonly unknown[] {
  const { txn, ids, causes, sessions, persons, subjects, endings, since } = links
  return [txn, ids, causes, sessions, persons, subjects, endings, since, limit]
}

async function verifyWriter(db: Database, writer: string): Promise<Result<ChainHead, ChainRefusal>> {
  let head = emptyChain(writer)
  for (;;) {
    const rows = await db.query<EntryRow>(
      `select ${ENTRY_COLUMNS} from audit_entry where writer = $1 and seq > $2 order by seq limit $3`,
      [writer, head.seq, PAGE],
    )
    if (rows.length === 0) return accept(head)
    const verdict = verifyChain(rows.map(recordedEvent), head)
    if (!verdict.ok) return verdict
    head = verdict.value
  }
}

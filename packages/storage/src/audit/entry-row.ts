/** Audit entries as rows. Everything but the chain itself is a column generated from the event. */
import type { AuditEntry, RecordedEvent } from '@carnet/audit'
import type { SecurityEvent } from '@carnet/protocol'

export interface EntryRow {
  readonly writer: string
  readonly seq: number
  readonly prev_hash: string
  readonly hash: string
  readonly id: string
  readonly event: SecurityEvent
}

export const ENTRY_COLUMNS = 'writer, seq, prev_hash, hash, id, event'

/** The events travel as one JSON array: cheaper than an array of as many documents. */
export const INSERT_ENTRIES = `
insert into audit_entry (writer, seq, prev_hash, hash, event)
select $1, entry.* from rows from (
  unnest($2::int8[]), unnest($3::text[]), unnest($4::text[]), jsonb_array_elements($5::jsonb)
) as entry (seq, prev_hash, hash, event)`

export function insertParameters(writer: string, entries: readonly AuditEntry[]): readonly unknown[] {
  return [
    writer,
    entries.map(({ seq }) => seq),
    entries.map(({ prevHash }) => prevHash),
    entries.map(({ hash }) => hash),
    JSON.stringify(entries.map(({ event }) => event)),
  ]
}

export function recordedEvent({ writer, seq, prev_hash, hash, id, event }: EntryRow): RecordedEvent {
  return { writer, seq, prevHash: prev_hash, hash, id, event }
}

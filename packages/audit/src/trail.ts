/**
 * Tells the whole story of one `txn`: who signed in how, what was decided by which rule, what was called, and
 * what ended it.
 *
 * Events are tied together by `txn`, by `causes` in both directions, and by the session and the person they
 * share; but never into another chain of the same session or person.
 */
import type { EpochSeconds, SecurityEvent, Txn } from '@carnet/protocol'
import type { AuditEntry } from './chain.ts'
import { ENDING_TYPES } from './vocabulary.ts'

/** An entry under the id by which other events name it. */
export interface RecordedEvent extends AuditEntry {
  /** The event's own id, or `<writer>#<seq>`. */
  readonly id: string
}

/** What to look for: an event is found if it matches any of these. */
export interface EventLinks {
  readonly txn: Txn
  /** Event ids. */
  readonly ids: readonly string[]
  /** Events that name one of these as a cause. */
  readonly causes: readonly string[]
  readonly sessions: readonly string[]
  /** Endings of these people, from `since` on. */
  readonly persons: readonly string[]
  /** Endings of these accounts, from `since` on. */
  readonly subjects: readonly string[]
  readonly endings: readonly string[]
  readonly since: EpochSeconds
}

/** How the story's events are found. */
export interface AuditReader {
  /**
   * Events that match any of the links and belong to `txn` or to no chain at all.
   *
   * @param limit - largest number of events to answer
   */
  linked(links: EventLinks, limit: number): Promise<readonly RecordedEvent[]>
}

export interface Story {
  readonly txn: Txn
  /** In the order of their reporters' clocks, and of one chain where those agree. */
  readonly events: readonly RecordedEvent[]
  /** Whether there was more than is told here. */
  readonly truncated: boolean
}

/** From an event to what it follows from is one step; the longest story of ours takes five. */
const MAX_STEPS = 6
const MAX_EVENTS = 1000

export async function storyOf(txn: Txn, reader: AuditReader): Promise<Story> {
  let found: readonly RecordedEvent[] = []
  for (let step = 0; step < MAX_STEPS; step++) {
    const events = await reader.linked(linksOf(txn, found), MAX_EVENTS)
    const isComplete = events.length === found.length
    found = events
    if (isComplete || found.length === 0) break
  }
  return { txn, events: [...found].sort(byTime), truncated: found.length >= MAX_EVENTS }
}

function linksOf(txn: Txn, found: readonly RecordedEvent[]): EventLinks {
  const events = found.map(({ event }) => event)
  const sessions = each(events, ({ session }) => session)
  return {
    txn,
    ids: unique(events.flatMap(({ causes }) => causes ?? [])),
    causes: unique([txn, ...sessions, ...found.map(({ id }) => id)]),
    // A cause may name a sign-in by its session.
    sessions: unique([...sessions, ...events.flatMap(({ causes }) => causes ?? [])]),
    persons: each(events, ({ person }) => person),
    subjects: each(events, ({ subject }) => subject),
    endings: ENDING_TYPES,
    since: Math.min(...events.map(({ at }) => at), Number.MAX_SAFE_INTEGER) as EpochSeconds,
  }
}

function each(events: readonly SecurityEvent[], value: (event: SecurityEvent) => string | undefined): string[] {
  return unique(events.flatMap((event) => value(event) ?? []))
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}

/** Reporters' clocks have whole seconds, and one chain has its own order. */
function byTime(one: RecordedEvent, other: RecordedEvent): number {
  return one.event.at - other.event.at || (one.writer === other.writer ? one.seq - other.seq : 0)
}

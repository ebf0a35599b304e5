import type { EpochSeconds, EventId, IssuerId, SecurityEvent, Txn } from '@carnet/protocol'
import { NOW } from '@carnet/testing'
import { expect, test } from 'vitest'
import { emptyChain, extendChain } from './chain.ts'
import { type AuditReader, type RecordedEvent, storyOf } from './trail.ts'

const TXN = 'AAAAAAAAAAAAAAAAAAAAAA' as Txn

/** Answers the same list whatever is asked, and remembers the questions. */
function readerOf(...pages: readonly (readonly RecordedEvent[])[]): AuditReader & { asked: unknown[] } {
  const asked: unknown[] = []
  return {
    asked,
    linked: async (links) => {
      asked.push(links)
      return pages[Math.min(asked.length, pages.length) - 1] ?? []
    },
  }
}

function recorded(writer: string, events: readonly Partial<SecurityEvent>[]): readonly RecordedEvent[] {
  const full = events.map((event, n) => ({
    type: 'call.allowed',
    outcome: 'success' as const,
    reporter: 'https://as.example' as IssuerId,
    at: (NOW + n) as EpochSeconds,
    ...event,
  }))
  return extendChain(emptyChain(writer), full).entries.map((entry) => ({
    ...entry,
    id: entry.event.id ?? `${entry.writer}#${entry.seq}`,
  }))
}

test('a story without events ends after one question', async () => {
  const reader = readerOf([])
  expect(await storyOf(TXN, reader)).toEqual({ txn: TXN, events: [], truncated: false })
  expect(reader.asked).toHaveLength(1)
})

test('asks for what the events found so far name, until nothing new is found', async () => {
  const [signIn, grant] = recorded('a', [
    { type: 'session.started', id: 'e-1' as EventId, session: 's-1' as never, person: 'p-1' as never },
    { type: 'grant.issued', txn: TXN, causes: ['e-1'] },
  ])
  if (signIn === undefined || grant === undefined) throw new Error('Two events')
  const reader = readerOf([grant], [signIn, grant])
  const story = await storyOf(TXN, reader)
  expect(story.events.map(({ event }) => event.type)).toEqual(['session.started', 'grant.issued'])
  expect(reader.asked).toMatchObject([
    { ids: [], sessions: [], persons: [] },
    { ids: ['e-1'], causes: [TXN, 'a#2'] },
    { sessions: ['s-1', 'e-1'], persons: ['p-1'], since: NOW },
  ])
})

test('tells events by time, and those of one chain in their order', async () => {
  const found = [
    ...recorded('b', [{ at: (NOW + 1) as EpochSeconds }]),
    ...recorded('a', [{ at: NOW }, { at: (NOW + 1) as EpochSeconds }, { at: (NOW + 1) as EpochSeconds }]).toReversed(),
  ]
  const { events } = await storyOf(TXN, readerOf(found))
  const ofA = events.filter(({ writer }) => writer === 'a')
  expect(ofA.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(events[0]).toMatchObject({ writer: 'a', seq: 1 })
})

import type { ClientId, EpochSeconds, ResourceId, SessionId, TenantId, TokenId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { facts, record } from '../test/fixture.ts'
import { createRevocationIndex } from './revocation-index.ts'
import type { RevocationRecord, RevocationTarget } from './types.ts'

function indexOf(...records: readonly RevocationRecord[]) {
  const index = createRevocationIndex()
  for (const each of records) index.apply(each)
  return index
}
const later = (seconds: number) => (NOW + seconds) as EpochSeconds

const pairs: readonly (readonly [RevocationTarget, RevocationTarget])[] = [
  [
    { kind: 'subject', subject: 'alice' },
    { kind: 'subject', subject: 'bob' },
  ],
  [
    { kind: 'session', session: 'session-1' as SessionId },
    { kind: 'session', session: 'session-2' as SessionId },
  ],
  [
    { kind: 'client', client: 'assistant' as ClientId },
    { kind: 'client', client: 'other' as ClientId },
  ],
  [
    { kind: 'resource', resource: 'https://mcp.chat.test/mcp' as ResourceId },
    { kind: 'resource', resource: 'https://mcp.chat.test/files' as ResourceId },
  ],
  [
    { kind: 'token', token: 'token-1' as TokenId },
    { kind: 'token', token: 'token-2' as TokenId },
  ],
]

describe('the index', () => {
  for (const [own, others] of pairs) {
    proves('REV-06', `finds what ended a ${own.kind}, and nothing of another`, () => {
      expect(indexOf(record(1, { target: own })).find(facts)?.id).toBe('record-1')
      expect(indexOf(record(1, { target: others })).find(facts)).toBeUndefined()
    })
  }

  proves('REV-06', 'finds what ended everything of a tenant, and of no other', () => {
    expect(indexOf(record(1, { target: { kind: 'everything' } })).find(facts)).toBeDefined()
    const other = record(1, { target: { kind: 'everything' }, tenant: 'other' as TenantId })
    expect(indexOf(other).find(facts)).toBeUndefined()
  })

  proves('REV-06', 'ends what was issued in the second of the cut-off, and nothing issued later', () => {
    const index = indexOf(record(1))
    expect(index.find(facts)).toBeDefined()
    expect(index.find({ ...facts, issuedAt: later(1) })).toBeUndefined()
  })

  test('does not confuse a name of one kind with the same name of another', () => {
    const index = indexOf(record(1, { target: { kind: 'client', client: 'alice' as ClientId } }))
    expect(index.find(facts)).toBeUndefined()
  })

  test('keeps the latest cut-off of a target, in whatever order records come', () => {
    const [early, late] = [record(1, { cutoff: later(-50) }), record(2)]
    for (const index of [indexOf(early, late), indexOf(late, early), indexOf(late, late)]) {
      expect(index.find(facts)?.id).toBe('record-2')
      expect(index.seq).toBeGreaterThanOrEqual(2)
      expect(index.size).toBe(1)
    }
  })

  test('forgets what can match no living token, and not before', () => {
    const index = indexOf(record(1, { expiresAt: later(600) }), record(2, { cutoff: later(1), expiresAt: later(500) }))
    index.forgetExpired(later(599))
    expect(index.size).toBe(1)
    index.forgetExpired(later(600))
    expect([index.size, index.seq]).toEqual([0, 2])
  })

  test('tells who listens, until they stop', () => {
    const index = createRevocationIndex()
    const heard: string[] = []
    const unsubscribe = index.onApply(({ id }) => heard.push(id))
    index.apply(record(1))
    unsubscribe()
    index.apply(record(2))
    expect(heard).toEqual(['record-1'])
  })
})

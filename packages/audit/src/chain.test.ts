import type { EpochSeconds, IssuerId, SecurityEvent } from '@carnet/protocol'
import { NOW } from '@carnet/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuditEntry, emptyChain, extendChain, verifyChain } from './chain.ts'

const WRITER = 'node-1'

const events: readonly SecurityEvent[] = [1, 2, 3, 4, 5].map((n) => ({
  type: 'call.allowed',
  outcome: 'success',
  reporter: 'https://as.example' as IssuerId,
  at: (NOW + n) as EpochSeconds,
  details: { n },
}))
const { entries, head } = extendChain(emptyChain(WRITER), events)

function entry(seq: number): AuditEntry {
  const found = entries.find((candidate) => candidate.seq === seq)
  if (found === undefined) throw new Error(`No entry ${seq}`)
  return found
}

/** What someone with write access to the table would do to hide a change of one entry. */
function rehashed(seq: number, outcome: SecurityEvent['outcome']): AuditEntry {
  const before = seq === 1 ? emptyChain(WRITER) : { writer: WRITER, seq: seq - 1, hash: entry(seq - 1).hash }
  const [made] = extendChain(before, [{ ...entry(seq).event, outcome }]).entries
  if (made === undefined) throw new Error('Nothing made')
  return made
}

describe('a chain', () => {
  test('verifies as it was written', () => {
    expect(verifyChain(entries, emptyChain(WRITER))).toEqual({ ok: true, value: head })
  })

  test('verifies in pages, each from the head of the one before', () => {
    const first = verifyChain(entries.slice(0, 2), emptyChain(WRITER))
    if (!first.ok) throw new Error(first.refusal.reason)
    expect(verifyChain(entries.slice(2), first.value)).toEqual({ ok: true, value: head })
  })

  test('is the same whatever the order of the members of an event', () => {
    const turned = events.map((event) => Object.fromEntries(Object.entries(event).reverse()) as never)
    expect(extendChain(emptyChain(WRITER), turned).head).toEqual(head)
  })

  const tampered = [
    ['an altered event', [1, 2, { ...entry(3), event: { ...entry(3).event, outcome: 'refused' } }, 4, 5], 'altered', 3],
    ['an altered first event', [{ ...entry(1), event: { ...entry(1).event, at: NOW } }, 2, 3, 4, 5], 'altered', 1],
    ['an altered hash', [1, 2, 3, { ...entry(4), hash: entry(3).hash }, 5], 'altered', 4],
    ['an altered link', [1, 2, { ...entry(3), prevHash: entry(1).hash }, 4, 5], 'altered', 3],
    ['an event rewritten with its hash', [1, 2, rehashed(3, 'refused'), 4, 5], 'unlinked', 4],
    ['a first event rewritten with its hash', [rehashed(1, 'refused'), 2, 3, 4, 5], 'unlinked', 2],
    ['a missing first entry', [2, 3, 4, 5], 'missing', 1],
    ['a missing entry', [1, 2, 4, 5], 'missing', 3],
    ['two missing entries', [1, 4, 5], 'missing', 2],
    ['entries that changed places', [1, 3, 2, 4, 5], 'reordered', 3],
    ['an entry that appears twice', [1, 2, 2, 3, 4, 5], 'reordered', 2],
    ['an entry of another writer', [1, 2, { ...entry(3), writer: 'node-2' }, 4, 5], 'reordered', 3],
    ['an entry under a new number', [1, 2, { ...entry(4), seq: 3 }, 4, 5], 'altered', 3],
  ] as const

  for (const [what, list, reason, seq] of tampered) {
    test(`shows ${what}`, () => {
      const read = list.map((item) => (typeof item === 'number' ? entry(item) : (item as AuditEntry)))
      expect(verifyChain(read, emptyChain(WRITER))).toMatchObject({ ok: false, refusal: { reason, seq } })
    })
  }

  test('shows a cut-off end against a head kept elsewhere', () => {
    const verdict = verifyChain(entries.slice(0, 4), emptyChain(WRITER))
    expect(verdict.ok && verdict.value).not.toEqual(head)
  })

  test('shows any one change of any value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.string(), fc.nat(), (seq, reason, n) => {
        const changed = { ...entry(seq), event: { ...entry(seq).event, reason, details: { n } } }
        const read = entries.map((candidate) => (candidate.seq === seq ? changed : candidate))
        expect(verifyChain(read, emptyChain(WRITER))).toMatchObject({ ok: false, refusal: { reason: 'altered', seq } })
      }),
    )
  })
})

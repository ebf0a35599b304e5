import type { IssuerId, PersonId, SessionId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { pairwiseSession, subjectFor } from './subject-for.ts'

const KEY = new Uint8Array(32).fill(7)
const OTHER_KEY = new Uint8Array(32).fill(8)
const alice = { id: 'person-1' as PersonId, externalId: 'E-4711' }
const bob = { id: 'person-2' as PersonId, externalId: undefined }

function subject(person: typeof alice | typeof bob, rule: Parameters<typeof subjectFor>[1], key = KEY): string {
  const result = subjectFor(person, rule, key)
  return result.ok ? result.value : `refused: ${result.refusal.reason}`
}

proves('IDP-38a', 'names a person by the directory id', () => {
  expect(subject(alice, { kind: 'directory-id' })).toBe('person-1')
})

proves(
  'IDP-38a',
  'names a person pairwise: the same within a sector, another in every other, telling nobody who',
  () => {
    const inChat = subject(alice, { kind: 'pairwise', sector: 'chat' })
    expect(inChat).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(subject(alice, { kind: 'pairwise', sector: 'chat' })).toBe(inChat)
    const others = [
      subject(alice, { kind: 'pairwise', sector: 'wiki' }),
      subject(bob, { kind: 'pairwise', sector: 'chat' }),
      subject(alice, { kind: 'pairwise', sector: 'chat' }, OTHER_KEY),
    ]
    expect(new Set([inChat, ...others]).size).toBe(4)
  },
)

proves('IDP-38a', 'names a person by the id the company gave', () => {
  expect(subject(alice, { kind: 'external-id' })).toBe('E-4711')
})

proves('IDP-38a', 'refuses to name a person who has no such id', () => {
  expect(subject(bob, { kind: 'external-id' })).toBe('refused: no-external-id')
})

test('a session is named pairwise, and never as a subject is', () => {
  const sid = 'session-1' as SessionId
  const chat = 'https://auth.chat.test' as IssuerId
  const wiki = 'https://auth.wiki.test' as IssuerId
  expect(pairwiseSession(sid, chat, KEY)).toBe(pairwiseSession(sid, chat, KEY))
  const sector = { kind: 'pairwise', sector: chat } as const
  const names = [
    pairwiseSession(sid, chat, KEY),
    pairwiseSession(sid, wiki, KEY),
    pairwiseSession('session-2' as SessionId, chat, KEY),
    pairwiseSession(sid, chat, OTHER_KEY),
    subject({ id: 'session-1' as PersonId, externalId: '' }, sector),
  ]
  expect(new Set(names).size).toBe(names.length)
  expect(names.join()).not.toContain('session-1')
})

import { type EpochSeconds, type SessionId, SOLE_TENANT, type Subject } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import type { RevocationTarget } from '@carnet/revocation'
import { NOW } from '@carnet/testing'
import { expect } from 'vitest'
import { A, alice, B, bob, carol, S, signIn, world } from '../../test/exchange-fixture.ts'
import { type SubjectFacts, standingSubject } from './subject.ts'

const ISSUED_AT = (NOW - 10) as EpochSeconds
const facts: SubjectFacts = { sid: `sid-alice-${A}` as SessionId, issuedAt: ISSUED_AT, subject: undefined }

async function outcome(change: Partial<SubjectFacts>, { context } = world()) {
  const verdict = await standingSubject({ ...facts, ...change }, A, { ...context, now: NOW })
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}

const broken = [
  ['nobody remembers', { sid: 'sid-unknown' as SessionId }, 'session-unknown'],
  ['ended a second ago', { sid: 'sid-over' as SessionId }, 'session-ended'],
  ['of a person who was disabled', { sid: `sid-carol-${A}` as SessionId }, 'person-inactive'],
] as const

for (const [fault, change, reason] of broken) {
  proves('IDP-20', `refuses a sign-in ${fault}`, async () => {
    expect(await outcome(change)).toBe(reason)
  })
}

proves('IDP-20', 'refuses a sign-in of a person who is no longer in the directory', async () => {
  const gone = world()
  gone.people.delete(alice.id)
  expect(await outcome({}, gone)).toBe('person-inactive')
})

proves('IDP-20', 'refuses a sign-in that ends this second, and not one that ends in the next', async () => {
  const ending = world()
  ending.signIns.set(facts.sid, signIn(alice, A, { endedAt: NOW }))
  expect(await outcome({}, ending)).toBe('session-ended')
  ending.signIns.set(facts.sid, signIn(alice, A, { endedAt: (NOW + 1) as EpochSeconds }))
  expect(await outcome({}, ending)).toBe('accepted')
})

proves('THR-11', 'refuses a sign-in at another client', async () => {
  expect(await outcome({ sid: `sid-alice-${B}` as SessionId })).toBe('session-of-other-client')
})

proves('IDP-20', 'refuses a subject that is not the person behind the sign-in', async () => {
  expect(await outcome({ subject: bob.id as string as Subject })).toBe('session-of-other-person')
})

const withdrawn: readonly (readonly [string, RevocationTarget])[] = [
  ['person', { kind: 'subject', subject: alice.id }],
  ['session', { kind: 'session', session: facts.sid }],
  ['client', { kind: 'client', client: A }],
  ['everything', { kind: 'everything' }],
]

for (const [what, target] of withdrawn) {
  proves(
    'IDP-20',
    `refuses what was issued up to the cut-off of a revoked ${what}, and nothing issued later`,
    async () => {
      const revoked = world()
      revoked.revocations.apply({
        seq: 1,
        id: 'revocation-1',
        tenant: SOLE_TENANT,
        target,
        cutoff: ISSUED_AT,
        expiresAt: (NOW + 1000) as EpochSeconds,
        reason: 'offboarding',
        eventId: 'event-of-revocation',
      })
      const verdict = await standingSubject(facts, A, { ...revoked.context, now: NOW })
      expect(verdict).toEqual({
        ok: false,
        refusal: { reason: 'access-revoked', person: alice.id, causes: ['event-of-alice', 'event-of-revocation'] },
      })
      expect(await outcome({ issuedAt: (ISSUED_AT + 1) as EpochSeconds }, revoked)).toBe('accepted')
    },
  )
}

proves('IDP-20', 'is not held up by the withdrawal of one server', async () => {
  const revoked = world()
  const target = { kind: 'resource', resource: S } as const
  const times = { cutoff: NOW, expiresAt: (NOW + 1000) as EpochSeconds }
  const about = { seq: 1, id: 'r', tenant: SOLE_TENANT, reason: 'x', eventId: 'e' }
  revoked.revocations.apply({ ...about, ...times, target })
  expect(await outcome({}, revoked)).toBe('accepted')
})

proves('IDP-22', 'finds the person as the directory has them now', async () => {
  const moved = world()
  const today = { ...alice, groups: ['support'] }
  moved.people.set(alice.id, today)
  const verdict = await standingSubject(facts, A, { ...moved.context, now: NOW })
  expect(verdict).toMatchObject({ ok: true, value: { person: today } })
  expect(carol.active).toBe(false)
})

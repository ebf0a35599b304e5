import type { Person, SignIn } from '@carnet/directory'
import { type ClientId, type EpochSeconds, type PersonId, type SessionId, SOLE_TENANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { createRevocationIndex, type RevocationTarget } from '@carnet/revocation'
import { NOW } from '@carnet/testing'
import { expect, test } from 'vitest'
import { type AccountPorts, personBehind } from './accounts.ts'

const ALICE = 'alice' as PersonId
const SID = 'sid' as SessionId
const artefact = { clientId: 'a', sid: SID, authTime: NOW - 100, iat: NOW - 10 }

const alice: Person = {
  id: ALICE,
  username: 'alice',
  displayName: 'Alice',
  email: undefined,
  emailVerified: false,
  active: true,
  groups: [],
  attributes: {},
  externalId: undefined,
}

const signIn: SignIn = {
  sid: SID,
  person: ALICE,
  client: 'a' as ClientId,
  authTime: (NOW - 100) as EpochSeconds,
  acr: 'x',
  amr: [],
  upstream: 'x',
  endedAt: undefined,
  eventId: 'event',
}

function ports(person: Person | undefined, known: SignIn | undefined = signIn): AccountPorts {
  return {
    people: { find: async () => person, findByUsername: async () => undefined },
    signIns: { find: async () => known },
    revocations: createRevocationIndex(),
  }
}

function withdrawn(target: RevocationTarget, cutoff: number): AccountPorts {
  const revocations = createRevocationIndex()
  revocations.apply({
    seq: 1,
    id: 'r',
    tenant: SOLE_TENANT,
    target,
    cutoff: cutoff as EpochSeconds,
    expiresAt: (NOW + 1000) as EpochSeconds,
    reason: 'test',
    eventId: 'event',
  })
  return { ...ports(alice), revocations }
}

test('an active person with a standing sign-in is spoken for', async () => {
  expect(await personBehind(ALICE, artefact, ports(alice))).toEqual(alice)
})

proves('IDP-20', 'nobody speaks for a person whose account is not active', async () => {
  expect(await personBehind(ALICE, artefact, ports({ ...alice, active: false }))).toBeUndefined()
  expect(await personBehind(ALICE, artefact, ports(undefined))).toBeUndefined()
})

proves('IDP-20', 'nothing of a sign-in that has ended works any more', async () => {
  const ended = { ...signIn, endedAt: NOW }
  expect(await personBehind(ALICE, artefact, ports(alice, ended))).toBeUndefined()
})

for (const target of [
  { kind: 'subject', subject: ALICE },
  { kind: 'session', session: SID },
  { kind: 'client', client: 'a' as ClientId },
  { kind: 'everything' },
] as const) {
  proves('REV-02', `withdrawing by ${target.kind} reaches what stems from before it, renewed or not`, async () => {
    expect(await personBehind(ALICE, artefact, withdrawn(target, NOW - 50))).toBeUndefined()
    expect(await personBehind(ALICE, artefact, withdrawn(target, NOW - 100))).toBeUndefined()
  })

  proves('REV-02', `withdrawing by ${target.kind} leaves a sign-in that began later`, async () => {
    expect(await personBehind(ALICE, artefact, withdrawn(target, NOW - 101))).toEqual(alice)
  })
}

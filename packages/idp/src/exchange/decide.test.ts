import type { PolicyDecider, PolicyQuestion } from '@carnet/policy'
import { Fault, type Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect, test } from 'vitest'
import { A, ADMIN, alice, authorizationServer, R, READ, S, server, signIn, WRITE } from '../../test/exchange-fixture.ts'
import { decideGrant } from './decide.ts'

const BOGUS = 'chat.bogus' as Scope
const target = { authorizationServer: authorizationServer(), server: server(), clientIdThere: A }

const WHY_NOT = [
  { reason: 'policy.no-matching-rule', rule: undefined },
  { reason: 'policy.forbidden', rule: 'frozen' },
] as const

/** Policy as a table, so that what is tested here does not depend on how a policy engine works. */
function policy(table: Readonly<Record<string, 'permit' | 'forbid'>>): PolicyDecider {
  return {
    decide: ({ scopes }) => ({
      granted: scopes.flatMap(({ name }) => (table[name] === 'permit' ? [{ scope: name, rule: 'engineers' }] : [])),
      dropped: scopes
        .filter(({ name }) => table[name] !== 'permit')
        .map(({ name }) => ({ scope: name, ruleTitle: undefined, ...WHY_NOT[table[name] === 'forbid' ? 1 : 0] })),
      policyVersion: 'policy-7',
    }),
  }
}

const ENGINEERS = policy({ [READ]: 'permit', [WRITE]: 'permit' })
const NOBODY = policy({})

function decide(requested: readonly Scope[] | undefined, decider: PolicyDecider) {
  const subject = { person: alice, signIn: signIn(alice, A) }
  return decideGrant(requested, { decider, client: A, subject, target, now: NOW })
}

proves('IDP-30', 'grants what was requested and policy permits, and names what was dropped', () => {
  expect(decide([READ, ADMIN, BOGUS], ENGINEERS)).toEqual({
    ok: true,
    value: {
      scopes: [READ],
      dropped: [
        { scope: BOGUS, reason: 'scope.unknown' },
        { scope: ADMIN, reason: 'policy.no-matching-rule' },
      ],
      rules: ['engineers'],
      policyVersion: 'policy-7',
    },
  })
})

proves('IDP-30', 'names the rule that dropped a scope', () => {
  expect(decide([READ, WRITE], policy({ [READ]: 'permit', [WRITE]: 'forbid' }))).toMatchObject({
    value: { scopes: [READ], dropped: [{ scope: WRITE, reason: 'policy.forbidden', rule: 'frozen' }] },
  })
})

proves('IDP-30', 'grants what policy gives where nothing particular was requested', () => {
  expect(decide(undefined, ENGINEERS)).toMatchObject({ value: { scopes: [READ, WRITE], dropped: [] } })
})

proves('IDP-30', 'refuses where nothing of what was requested is left', () => {
  for (const requested of [[ADMIN], [BOGUS]]) {
    expect(decide(requested, ENGINEERS)).toMatchObject({ refusal: { reason: 'nothing-granted' } })
  }
})

proves('IDP-26', 'denies a person without any access, whatever was asked for', () => {
  for (const requested of [[READ], [BOGUS], undefined]) {
    expect(decide(requested, NOBODY)).toMatchObject({
      refusal: { reason: 'not-entitled', because: 'policy.no-matching-rule', policyVersion: 'policy-7' },
    })
  }
})

proves('IDP-26', 'says which rule forbids, where a rule forbids everything', () => {
  const frozen = policy({ [READ]: 'forbid', [WRITE]: 'forbid', [ADMIN]: 'forbid' })
  const refusal = { reason: 'not-entitled', because: 'policy.forbidden', rule: 'frozen' }
  expect(decide([READ], frozen)).toMatchObject({ refusal })
})

proves('IDP-26', 'does not call forbidden what is merely not permitted', () => {
  expect(decide([READ], policy({ [WRITE]: 'forbid' }))).toMatchObject({
    refusal: { reason: 'not-entitled', because: 'policy.no-matching-rule', rule: undefined },
  })
})

proves('IDP-26', 'asks about this person, client, server, scope and login', () => {
  const asked: PolicyQuestion[] = []
  const recorder: PolicyDecider = {
    decide: (question) => {
      asked.push(question)
      return { granted: [{ scope: READ, rule: 'r' }], dropped: [], policyVersion: '1' }
    },
  }
  decide([READ], recorder)
  expect(asked).toMatchObject([
    {
      person: { id: alice.id, groups: ['engineering'], attributes: {} },
      client: { id: A },
      server: { resource: S, authorizationServer: R, environment: 'production' },
      scopes: expect.arrayContaining([{ name: READ, class: 'read' }]),
      authentication: { acr: 'pwd', amr: ['pwd'], ageSeconds: 600 },
    },
  ])
})

test('a policy engine that cannot answer is a fault', () => {
  const broken: PolicyDecider = {
    decide: () => {
      throw new Fault('policy-unavailable', 'no engine')
    },
  }
  expect(() => decide([READ], broken)).toThrow(Fault)
})

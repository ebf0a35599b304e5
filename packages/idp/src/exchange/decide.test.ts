import type { PolicyDecider, PolicyQuestion } from '@carnet/policy'
import { Fault, type Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect, test } from 'vitest'
import {
  A,
  ADMIN,
  alice,
  authorizationServer,
  bob,
  decider,
  R,
  READ,
  S,
  server,
  signIn,
  WRITE,
} from '../../test/exchange-fixture.ts'
import { decideGrant } from './decide.ts'

const BOGUS = 'chat.bogus' as Scope
const target = { authorizationServer: authorizationServer(), server: server(), clientIdThere: A }

function decide(requested: readonly Scope[] | undefined, who = alice, by: PolicyDecider = decider()) {
  const subject = { person: who, signIn: signIn(who, A), issuedAt: NOW }
  return decideGrant(requested, { decider: by, client: A, subject, target, now: NOW })
}

proves('IDP-30', 'grants what was requested and policy permits, and names what was dropped', () => {
  expect(decide([READ, ADMIN, BOGUS])).toEqual({
    ok: true,
    value: {
      scopes: [READ],
      dropped: [
        { scope: BOGUS, reason: 'scope.unknown' },
        { scope: ADMIN, reason: 'policy.no-matching-rule' },
      ],
      rules: ['engineers-chat'],
      policyVersion: 'policy-7',
    },
  })
})

proves('IDP-30', 'names the rule that dropped a scope', () => {
  const rules = `
    @id("all") permit (principal, action, resource);
    @id("no-writes") forbid (principal, action, resource) when { resource.name == "chat.write" };`
  expect(decide([READ, WRITE], alice, decider(rules))).toMatchObject({
    value: { scopes: [READ], dropped: [{ scope: WRITE, reason: 'policy.forbidden', rule: 'no-writes' }] },
  })
})

proves('IDP-30', 'grants what policy gives where nothing particular was requested', () => {
  expect(decide(undefined)).toMatchObject({ value: { scopes: [READ, WRITE], dropped: [] } })
})

proves('IDP-30', 'refuses where nothing of what was requested is left', () => {
  expect(decide([ADMIN])).toMatchObject({ refusal: { reason: 'nothing-granted' } })
  expect(decide([BOGUS])).toMatchObject({ refusal: { reason: 'nothing-granted' } })
})

proves('IDP-26', 'refuses a person without any access, whatever was requested', () => {
  const refusal = { reason: 'not-entitled', because: 'policy.no-matching-rule', policyVersion: 'policy-7' }
  for (const requested of [[READ], [BOGUS], undefined]) expect(decide(requested, bob)).toMatchObject({ refusal })
})

proves('IDP-26', 'refuses everybody while there is no policy', () => {
  expect(decide([READ], alice, decider(''))).toMatchObject({ refusal: { reason: 'not-entitled' } })
})

proves('IDP-26', 'says which rule forbids', () => {
  const rules = '@id("frozen") forbid (principal, action, resource);'
  expect(decide([READ], alice, decider(rules))).toMatchObject({
    refusal: { reason: 'not-entitled', because: 'policy.forbidden', rule: 'frozen' },
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
  decide([READ], alice, recorder)
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
  expect(() => decide([READ], alice, broken)).toThrow(Fault)
})

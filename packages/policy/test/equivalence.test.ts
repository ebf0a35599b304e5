/** The decider slices, cuts and remembers; plain Cedar does none of that. They must agree on everything. */

import type { ClientId, IssuerId, PersonId, ResourceId, Scope } from '@carnet/protocol'
import {
  type EntityJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createPolicyDecider,
  createPolicySet,
  POLICY_SCHEMA,
  type PolicyDecision,
  type PolicyQuestion,
} from '../src/index.ts'

const GROUPS = ['engineering', 'support', 'contractors', 'staff']
const PEOPLE = ['alice', 'bob', 'carol']
const CLIENTS = ['editor', 'robot']
const ISSUERS = ['https://auth.chat.test', 'https://auth.wiki.test']
const SERVERS = ['https://mcp.chat.test/mcp', 'https://mcp.chat.test/files', 'https://mcp.wiki.test/mcp']
const SCOPES = [
  { name: 'a.read' as Scope, class: 'read' },
  { name: 'a.write' as Scope, class: 'write' },
  { name: 'a.erase' as Scope, class: 'destructive' },
  { name: 'a.secrets' as Scope, class: 'sensitive' },
] as const
const ACRS = ['password', 'two-factor']
const AMRS = ['pwd', 'otp', 'hwk']
const AGES = [0, 59, 60, 61, 3599, 3600, 3601, 86_400]
const ATTRIBUTES = ['department', 'site']
const VALUES = ['legal', 'berlin']

const literal = (type: string, ids: readonly string[]) =>
  fc.constantFrom(...ids).map((id) => `${type}::${JSON.stringify(id)}`)
const group = literal('Group', GROUPS)
const scopeId = fc
  .tuple(fc.constantFrom(...SERVERS), fc.constantFrom(...SCOPES))
  .map(([server, { name }]) => `Scope::${JSON.stringify(`${server}#${name}`)}`)

const principalHead = fc.oneof(
  fc.constant('principal'),
  fc.constant('principal is User'),
  group.map((entity) => `principal in ${entity}`),
  group.map((entity) => `principal is User in ${entity}`),
  literal('User', PEOPLE).map((entity) => `principal == ${entity}`),
)
const resourceHead = fc.oneof(
  fc.constant('resource'),
  literal('Server', SERVERS).map((entity) => `resource in ${entity}`),
  literal('Server', SERVERS).map((entity) => `resource is Scope in ${entity}`),
  literal('AuthorizationServer', ISSUERS).map((entity) => `resource in ${entity}`),
  scopeId.map((entity) => `resource == ${entity}`),
  scopeId.map((entity) => `resource in ${entity}`),
)
const comparison = fc.constantFrom('<', '<=', '>', '>=', '==', '!=')
const age = fc.constantFrom(...AGES)
const name = fc.constantFrom(...ATTRIBUTES)
const value = fc.constantFrom(...VALUES)

const { condition } = fc.letrec<{ condition: string; atom: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('atom'),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} && ${b})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} || ${b})`),
    tie('condition').map((inner) => `!(${inner})`),
    fc.tuple(tie('condition'), tie('atom'), tie('atom')).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
  ),
  atom: fc.oneof(
    fc.constantFrom('read', 'write', 'destructive', 'sensitive').map((it) => `resource.class == Class::"${it}"`),
    fc.integer({ min: 0, max: 5 }).map((risk) => `resource.risk <= ${risk}`),
    fc.constantFrom(...SCOPES).map((scope) => `resource.name == "${scope.name}"`),
    group.map((entity) => `principal in ${entity}`),
    fc.tuple(group, group).map((entities) => `principal in [${entities}]`),
    literal('User', PEOPLE).map((entity) => `principal == ${entity}`),
    literal('User', PEOPLE).map((entity) => `${entity} == principal`),
    fc
      .tuple(name, value)
      .map(([key, text]) => `(principal.hasTag("${key}") && principal.getTag("${key}") == "${text}")`),
    name.map((key) => `principal.hasTag("${key}")`),
    fc.constant('principal.hasTag(context.login.acr)'),
    literal('Client', CLIENTS).map((entity) => `context.client == ${entity}`),
    fc.constantFrom('production', 'sandbox').map((it) => `context.environment == Environment::"${it}"`),
    fc.constantFrom(...ACRS).map((acr) => `context.login.acr == "${acr}"`),
    fc.constantFrom(...ACRS).map((acr) => `context.login.acr like "${acr.slice(0, 2)}*"`),
    fc.constantFrom(...AMRS).map((amr) => `context.login.amr.contains("${amr}")`),
    fc.tuple(comparison, age).map(([operator, limit]) => `context.login.ageSeconds ${operator} ${limit}`),
    fc.tuple(comparison, age).map(([operator, limit]) => `${limit} ${operator} context.login.ageSeconds`),
    age.map((limit) => `context.login.ageSeconds - 1 < ${limit}`),
    age.map((limit) => `[60, ${limit}].contains(context.login.ageSeconds)`),
    age.map((limit) => `context.login == {acr: "password", amr: ["pwd"], ageSeconds: ${limit}}`),
  ),
}))

const rule = fc
  .tuple(
    fc.constantFrom('permit', 'permit', 'permit', 'forbid'),
    principalHead,
    resourceHead,
    fc.option(condition),
    fc.option(condition),
  )
  .map(
    ([effect, principal, resource, when, unless]) =>
      `${effect} (${principal}, action, ${resource})${when === null ? '' : ` when { ${when} }`}${
        unless === null ? '' : ` unless { ${unless} }`
      };`,
  )
const policies = fc.array(rule, { maxLength: 14 })

const facts = fc.record({
  id: fc.constantFrom(...PEOPLE),
  groups: fc.subarray([...GROUPS, 'chess-club']),
  attributes: fc.dictionary(fc.constantFrom(...ATTRIBUTES, ...ACRS), value, { maxKeys: 3 }),
  client: fc.constantFrom(...CLIENTS),
  resource: fc.constantFrom(...SERVERS),
  authorizationServer: fc.constantFrom(...ISSUERS),
  environment: fc.constantFrom('production' as const, 'sandbox' as const),
  scopes: fc.shuffledSubarray([...SCOPES], { minLength: 1, maxLength: 2 }),
  acr: fc.constantFrom(...ACRS),
  amr: fc.subarray(AMRS),
  ageSeconds: age,
})
type Facts = typeof facts extends fc.Arbitrary<infer Value> ? Value : never

/** Two questions, and between them one for each fact changed alone: what a careless memory would mix up. */
const questions = fc.tuple(facts, facts).map(([one, other]) => {
  const mixed: Facts[] = [
    { ...one, id: other.id },
    { ...one, groups: other.groups },
    { ...one, attributes: other.attributes },
    { ...one, client: other.client },
    { ...one, resource: other.resource },
    { ...one, authorizationServer: other.authorizationServer },
    { ...one, environment: other.environment },
    { ...one, scopes: other.scopes },
    { ...one, acr: other.acr },
    { ...one, amr: other.amr },
    ...AGES.map((ageSeconds) => ({ ...one, ageSeconds })),
  ]
  return [one, ...mixed, other].map(questionOf)
})

function questionOf({ id, groups, attributes, client, resource, authorizationServer, ...rest }: Facts): PolicyQuestion {
  const { environment, scopes, ...authentication } = rest
  return {
    person: { id: id as PersonId, groups, attributes },
    client: { id: client as ClientId },
    server: { resource: resource as ResourceId, authorizationServer: authorizationServer as IssuerId, environment },
    scopes,
    authentication,
  }
}

const WHOLE_SET = 'the whole policy'
const SCHEMA = 'the schema'

/** One question to plain Cedar: everything known, all rules, the schema enforced, nothing remembered. */
function plainDecision(asked: PolicyQuestion): PolicyDecision {
  const { person, client, server, authentication } = asked
  const uid = (type: string, id: string) => ({ type, id })
  const answers = asked.scopes.map((scope) => {
    const resource = uid('Scope', `${server.resource}#${scope.name}`)
    const risk = { read: 1, write: 2, destructive: 3, sensitive: 4 }[scope.class]
    const entities: EntityJson[] = [
      {
        uid: uid('User', person.id),
        attrs: {},
        tags: { ...person.attributes },
        parents: person.groups.map((id) => uid('Group', id)),
      },
      ...person.groups.map((id) => ({ uid: uid('Group', id), attrs: {}, parents: [] })),
      {
        uid: resource,
        attrs: { name: scope.name, class: { __entity: uid('Class', scope.class) }, risk },
        parents: [uid('Server', server.resource)],
      },
      {
        uid: uid('Server', server.resource),
        attrs: {},
        parents: [uid('AuthorizationServer', server.authorizationServer)],
      },
      { uid: uid('AuthorizationServer', server.authorizationServer), attrs: {}, parents: [] },
      { uid: uid('Client', client.id), attrs: {}, parents: [] },
    ]
    const answer = statefulIsAuthorized({
      principal: uid('User', person.id),
      action: uid('Action', 'use'),
      resource,
      context: {
        client: { __entity: uid('Client', client.id) },
        environment: { __entity: uid('Environment', server.environment) },
        login: { ...authentication, amr: [...authentication.amr] },
      },
      preparsedSchemaName: SCHEMA,
      validateRequest: true,
      preparsedPolicySetId: WHOLE_SET,
      entities,
    })
    if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors))
    expect(answer.response.diagnostics.errors).toEqual([])
    const [rule] = [...answer.response.diagnostics.reason].sort()
    return { scope: scope.name, allowed: answer.response.decision === 'allow', rule }
  })
  return {
    granted: answers.flatMap(({ scope, allowed, rule }) => (allowed && rule !== undefined ? [{ scope, rule }] : [])),
    dropped: answers
      .filter(({ allowed }) => !allowed)
      .map(({ scope, rule }) => ({
        scope,
        reason: rule === undefined ? 'policy.no-matching-rule' : 'policy.forbidden',
        rule,
        ruleTitle: undefined,
      })),
    policyVersion: 'v1',
  }
}

test('the sliced, remembering decider answers as plain Cedar does, on generated policies and questions', {
  timeout: 180_000,
}, () => {
  expect(preparseSchema(SCHEMA, POLICY_SCHEMA)).toEqual({ type: 'success' })
  const seen = { granted: 0, forbidden: 0, unmatched: 0 }
  fc.assert(
    fc.property(policies, questions, fc.constantFrom(1, 3, 64), (rules, asked, largestSlice) => {
      const named = rules.map((text, index) => `@id("rule-${index}")\n${text}`)
      const valid = named.filter((text) => createPolicySet({ text, version: 'v1' }).ok)
      const set = createPolicySet({ text: valid.join('\n'), version: 'v1' })
      if (!set.ok) throw new Error(JSON.stringify(set.refusal))
      const decider = createPolicyDecider(set.value, { largestSlice })
      const staticPolicies = Object.fromEntries(set.value.rules.map(({ id, text }) => [id, text]))
      expect(preparsePolicySet(WHOLE_SET, { staticPolicies })).toEqual({ type: 'success' })
      const expected = asked.map((question) => plainDecision(question))
      for (const round of [asked, asked]) {
        expect(round.map((question) => decider.decide(question))).toEqual(expected)
      }
      for (const { granted, dropped } of expected) {
        seen.granted += granted.length
        seen.forbidden += dropped.filter(({ rule }) => rule !== undefined).length
        seen.unmatched += dropped.filter(({ rule }) => rule === undefined).length
      }
    }),
    { numRuns: 100, seed: 20_261_120 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(200)
})

import type { ClientId, IssuerId, PersonId, ResourceId, Scope } from '@carnet/protocol'
import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { createPolicyDecider } from './decider.ts'
import { createPolicySet } from './policy-set.ts'
import type { PolicyDecider, PolicyQuestion } from './types.ts'

const READ = { name: 'chat.read' as Scope, class: 'read' } as const
const WRITE = { name: 'chat.write' as Scope, class: 'write' } as const
const ERASE = { name: 'chat.erase' as Scope, class: 'destructive' } as const

const question: PolicyQuestion = {
  person: { id: 'alice' as PersonId, groups: ['engineering', 'staff'], attributes: { department: 'platform' } },
  client: { id: 'editor' as ClientId },
  server: {
    resource: 'https://mcp.chat.test/mcp' as ResourceId,
    authorizationServer: 'https://auth.chat.test' as IssuerId,
    environment: 'production',
  },
  scopes: [READ],
  authentication: { acr: 'two-factor', amr: ['pwd', 'otp'], ageSeconds: 60 },
}

function deciderOf(text: string): PolicyDecider {
  const set = createPolicySet({ text, version: 'v7' })
  if (!set.ok) throw new Error(JSON.stringify(set.refusal))
  return createPolicyDecider(set.value)
}

function permit(head: string, condition = 'true'): string {
  return `@id("only-rule") permit (${head}) when { ${condition} };`
}

function scopesGranted(decider: PolicyDecider, asked: PolicyQuestion): readonly Scope[] {
  return decider.decide(asked).granted.map(({ scope }) => scope)
}

proves('IDP-26', 'denies everything while there is no rule', () => {
  expect(deciderOf('').decide({ ...question, scopes: [READ, WRITE] })).toEqual({
    granted: [],
    dropped: [READ, WRITE].map(({ name }) => ({
      scope: name,
      reason: 'policy.no-matching-rule',
      rule: undefined,
      ruleTitle: undefined,
    })),
    policyVersion: 'v7',
  })
})

const { person, server, authentication } = question
const looksAt: readonly (readonly [string, string, Partial<PolicyQuestion>])[] = [
  [
    'the person',
    permit('principal == User::"alice", action, resource'),
    { person: { ...person, id: 'bob' as PersonId } },
  ],
  [
    'the groups of the person',
    permit('principal in Group::"engineering", action, resource'),
    { person: { ...person, groups: ['staff'] } },
  ],
  [
    'a group named in a condition',
    permit('principal, action, resource', 'principal in [Group::"engineering"]'),
    { person: { ...person, groups: ['staff'] } },
  ],
  [
    'an attribute of the person',
    permit(
      'principal, action, resource',
      'principal.hasTag("department") && principal.getTag("department") == "platform"',
    ),
    { person: { ...person, attributes: { department: 'sales' } } },
  ],
  [
    'the client',
    permit('principal, action, resource', 'context.client == Client::"editor"'),
    { client: { id: 'robot' as ClientId } },
  ],
  [
    'the audience',
    permit('principal, action, resource in AuthorizationServer::"https://auth.chat.test"'),
    { server: { ...server, authorizationServer: 'https://auth.wiki.test' as IssuerId } },
  ],
  [
    'the resource',
    permit('principal, action, resource in Server::"https://mcp.chat.test/mcp"'),
    { server: { ...server, resource: 'https://mcp.chat.test/files' as ResourceId } },
  ],
  [
    'the environment',
    permit('principal, action, resource', 'context.environment == Environment::"production"'),
    { server: { ...server, environment: 'sandbox' } },
  ],
  [
    'the scope, by its name',
    permit('principal, action, resource', 'resource.name == "chat.read"'),
    { scopes: [{ ...WRITE, class: 'read' }] },
  ],
  [
    'the scope, by its id',
    permit('principal, action, resource == Scope::"https://mcp.chat.test/mcp#chat.read"'),
    { scopes: [{ ...WRITE, class: 'read' }] },
  ],
  [
    'the class of the scope',
    permit('principal, action, resource', 'resource.class == Class::"read"'),
    { scopes: [{ ...READ, class: 'write' }] },
  ],
  [
    'the risk of the scope',
    permit('principal, action, resource', 'resource.risk < 3'),
    { scopes: [{ ...READ, class: 'sensitive' }] },
  ],
  [
    'how strongly the person signed in',
    permit('principal, action, resource', 'context.login.acr == "two-factor"'),
    { authentication: { ...authentication, acr: 'password' } },
  ],
  [
    'by which methods the person signed in',
    permit('principal, action, resource', 'context.login.amr.contains("otp")'),
    { authentication: { ...authentication, amr: ['pwd'] } },
  ],
  [
    'how long ago the person signed in',
    permit('principal, action, resource', 'context.login.ageSeconds <= 60'),
    { authentication: { ...authentication, ageSeconds: 61 } },
  ],
]
for (const [what, text, change] of looksAt) {
  proves('IDP-26', `decides by ${what}, also just after an allowed question`, () => {
    const decider = deciderOf(text)
    expect(scopesGranted(decider, question)).toEqual([READ.name])
    expect(scopesGranted(decider, { ...question, ...change })).toEqual([])
  })
}

proves('IDP-26', 'lets forbid win over any number of permits, and names it', () => {
  const decision = deciderOf(`
    @id("a-permit") permit (principal, action, resource);
    @id("b-permit") permit (principal in Group::"engineering", action, resource in Server::"https://mcp.chat.test/mcp");
    @id("no-contractors") @title("Contractors have no access")
    forbid (principal in Group::"contractors", action, resource);
  `).decide({ ...question, person: { ...person, groups: ['contractors', 'engineering'] } })
  expect(decision).toEqual({
    granted: [],
    dropped: [
      {
        scope: READ.name,
        reason: 'policy.forbidden',
        rule: 'no-contractors',
        ruleTitle: 'Contractors have no access',
      },
    ],
    policyVersion: 'v7',
  })
})

proves('IDP-26', 'lets a forbid of any slice win over a permit of any other', () => {
  const heads = [
    'resource',
    'resource in AuthorizationServer::"https://auth.chat.test"',
    `resource in Server::"${server.resource}"`,
  ]
  for (const [position, forbidden] of heads.entries()) {
    const permits = heads
      .filter((head) => head !== forbidden)
      .map((head, n) => `@id("permit-${n}") permit (principal, action, ${head});`)
    const text = `${permits.join('\n')} @id("no-${position}") forbid (principal, action, ${forbidden});`
    expect(deciderOf(text).decide(question).dropped).toMatchObject([{ rule: `no-${position}` }])
  }
})

proves(
  ['IDP-26', 'IDP-30'],
  'grants what policy permits of what is asked, each with its rule, and names the rest',
  () => {
    const decision = deciderOf(`
    @id("readers") permit (principal, action, resource) when { resource.class == Class::"read" };
    @id("all-readers") permit (principal in Group::"staff", action, resource) when { resource.class == Class::"read" };
    @id("writers") permit (principal in Group::"engineering", action, resource) when { resource.risk <= 2 };
    @id("nothing-destructive") @title("Nothing destructive")
    forbid (principal, action, resource) when { resource.class == Class::"destructive" };
  `).decide({ ...question, scopes: [ERASE, WRITE, READ, { name: 'chat.export' as Scope, class: 'sensitive' }] })
    expect(decision.granted).toEqual([
      { scope: WRITE.name, rule: 'writers' },
      { scope: READ.name, rule: 'all-readers' },
    ])
    expect(decision.dropped).toEqual([
      {
        scope: ERASE.name,
        reason: 'policy.forbidden',
        rule: 'nothing-destructive',
        ruleTitle: 'Nothing destructive',
      },
      { scope: 'chat.export', reason: 'policy.no-matching-rule', rule: undefined, ruleTitle: undefined },
    ])
  },
)

describe('a decision is remembered', () => {
  test('while nothing a rule looks at has changed', () => {
    const decider = deciderOf(`
      @id("fresh") permit (principal in Group::"engineering", action, resource) when { context.login.ageSeconds < 3600 };
    `)
    const first = decider.decide(question)
    expect(
      decider.decide({
        ...question,
        person: { id: 'carol' as PersonId, groups: ['engineering', 'chess-club'], attributes: {} },
        authentication: { acr: 'other', amr: [], ageSeconds: 3599 },
      }),
    ).toBe(first)
    expect(scopesGranted(decider, { ...question, authentication: { ...authentication, ageSeconds: 3600 } })).toEqual([])
  })

  test('by the decider of one version only', () => {
    const text = permit('principal, action, resource')
    expect(deciderOf(text).decide(question)).not.toBe(deciderOf(text).decide(question))
  })
})

describe('an engine that cannot answer', () => {
  const overflow = 'context.login.ageSeconds * 9223372036854775807 > 0'

  proves('IDP-26', 'is a fault where Cedar would pass over a forbid it cannot evaluate', () => {
    const decider = deciderOf(`
      @id("everyone") permit (principal, action, resource);
      @id("broken") forbid (principal, action, resource) when { ${overflow} };
    `)
    expect(() => decider.decide(question)).toThrow(Fault)
    expect(() => decider.decide(question)).toThrow(/broken/)
  })

  test('is a fault where a value is none of Cedar’s', () => {
    const decider = deciderOf(permit('principal, action, resource', 'context.login.ageSeconds < 10'))
    const asked = { ...question, authentication: { ...authentication, ageSeconds: Number.NaN } }
    expect(() => decider.decide(asked)).toThrow(expect.objectContaining({ code: 'policy-unavailable' }))
  })

  test('is a fault where the engine itself throws', () => {
    const decider = deciderOf(permit('principal, action, resource'))
    const asked = { ...question, client: { id: '\ud800' as ClientId } }
    expect(() => decider.decide(asked)).toThrow(expect.objectContaining({ code: 'policy-unavailable' }))
  })
})

test('outside values are data: quotes, comments and Cedar text in them change nothing', () => {
  const hostile = 'x"]; permit(principal, action, resource); //\n\u2028__proto__'
  const decider = deciderOf(permit('principal in Group::"engineering", action, resource'))
  const asked: PolicyQuestion = {
    ...question,
    person: { id: hostile as PersonId, groups: [hostile], attributes: { [hostile]: hostile, ['__proto__']: hostile } },
    client: { id: hostile as ClientId },
  }
  expect(scopesGranted(decider, asked)).toEqual([])
  expect(scopesGranted(decider, { ...asked, person: { ...asked.person, groups: [hostile, 'engineering'] } })).toEqual([
    READ.name,
  ])
})

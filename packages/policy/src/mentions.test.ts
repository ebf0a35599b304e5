import { expect, test } from 'vitest'
import { literalsIn, type Mentions, mentionsOf } from './mentions.ts'
import { createPolicySet } from './policy-set.ts'

function rulesOf(text: string) {
  const set = createPolicySet({ text, version: '1' })
  if (!set.ok) throw new Error(JSON.stringify(set.refusal))
  return set.value.rules.map(({ json }) => json)
}

/** A permit under one condition. */
function under(condition: string): Mentions {
  return mentionsOf(rulesOf(`@id("a") permit (principal, action, resource) when { ${condition} };`))
}

test('a rule that looks at nothing mentions nothing', () => {
  const nothing = {
    people: new Set(),
    groups: new Set(),
    attributes: new Set(),
    acr: false,
    amr: false,
    ages: new Set(),
  }
  expect(under('true')).toEqual(nothing)
  expect(under('context.client == Client::"c" && resource.risk < 3')).toEqual(nothing)
})

test('people and groups are mentioned in heads and in conditions', () => {
  const rules = rulesOf(`
    @id("a") permit (principal is User in Group::"g1", action, resource) when { principal in [Group::"g2", Group::"g3"] };
    @id("b") permit (principal == User::"u1", action, resource) unless { principal == User::"u2" };
  `)
  expect(mentionsOf(rules)).toMatchObject({ people: new Set(['u1', 'u2']), groups: new Set(['g1', 'g2', 'g3']) })
})

const looksAt: readonly (readonly [string, Partial<Mentions>])[] = [
  ['principal.hasTag("a") && principal.getTag("a") == "b"', { attributes: new Set(['a']) }],
  ['principal.hasTag(resource.name)', { attributes: 'all' }],
  ['context.login.acr == "x"', { acr: true, amr: false }],
  ['context.login.amr.contains("x")', { acr: false, amr: true }],
  ['context.login has acr', { acr: true, amr: false }],
  ['context has login', { acr: true, amr: true, ages: 'any' }],
  ['context.login == context.login', { acr: true, amr: true, ages: 'any' }],
  ['(if resource.risk > 1 then context.login else context.login).acr == "x"', { acr: true, amr: true, ages: 'any' }],
  ['context == context', { acr: true, amr: true, ages: 'any' }],
  ['context.login.ageSeconds < 60 || 3600 >= context.login.ageSeconds', { acr: false, ages: new Set([60, 3600]) }],
  ['context.login.ageSeconds == 7', { ages: new Set([7]) }],
  ['context.login.ageSeconds + 1 < 60', { ages: 'any' }],
  ['[1, 2].contains(context.login.ageSeconds)', { ages: 'any' }],
  ['context.login.ageSeconds < resource.risk', { ages: 'any' }],
  ['context.login.ageSeconds < context.login.ageSeconds', { ages: 'any' }],
]
for (const [condition, expected] of looksAt) {
  test(`mentions of ${condition}`, () => expect(under(condition)).toMatchObject(expected))
}

test('literals are found wherever they stand', () => {
  const [rule] = rulesOf(
    '@id("a") permit (principal, action, resource in Server::"s") when { resource in [Scope::"s#x"] };',
  )
  expect(rule === undefined ? [] : literalsIn(rule)).toEqual(
    expect.arrayContaining([
      { type: 'Server', id: 's' },
      { type: 'Scope', id: 's#x' },
    ]),
  )
})

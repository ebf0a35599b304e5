import { describe, expect, test } from 'vitest'
import { createPolicySet } from './policy-set.ts'
import { validatePolicies } from './validate-policies.ts'

function problemsOf(text: string) {
  const result = validatePolicies(text)
  return result.ok ? [] : result.refusal.problems
}

describe('a policy text', () => {
  test('may use everything the schema offers', () => {
    expect(
      problemsOf(`
        // Comments may stand anywhere.
        @id("engineering-reads") @title("Engineering may read – überall") @description("Agreed with security")
        permit (principal in Group::"engineering", action == Action::"use", resource in Server::"https://a.test/mcp")
        when { resource.class == Class::"read" && context.environment == Environment::"production" }
        unless { principal.hasTag("department") && principal.getTag("department") == "legal" };
        @id("fresh-login")
        forbid (principal, action, resource in AuthorizationServer::"https://as.test")
        when { resource.risk > 2 && (context.login.ageSeconds > 3600 || !context.login.amr.contains("otp")) };
        @id("one-client")
        permit (principal == User::"p1", action, resource == Scope::"https://a.test/mcp#chat.read")
        when { context.client == Client::"app" && context.login.acr == "high" };
      `),
    ).toEqual([])
  })

  test('may be empty: nothing is permitted then', () => {
    expect(problemsOf('')).toEqual([])
  })

  const wrong: readonly (readonly [string, string, string])[] = [
    ['a misspelt attribute', '@id("a") permit (principal, action, resource) when { resource.rsk > 2 };', 'rsk'],
    [
      'a misspelt class',
      '@id("a") forbid (principal, action, resource) when { resource.class == Class::"raed" };',
      'raed',
    ],
    [
      'types that do not fit',
      '@id("a") permit (principal, action, resource) when { context.login.acr == 3 };',
      'types',
    ],
    ['an unguarded tag', '@id("a") permit (principal, action, resource) when { principal.getTag("x") == "y" };', 'tag'],
    ['an unknown action', '@id("a") permit (principal, action == Action::"read", resource);', 'read'],
    ['an unknown entity type', '@id("a") permit (principal in Team::"x", action, resource);', 'Team'],
    ['a rule that never applies', '@id("a") forbid (principal, action, resource) when { false };', 'impossible'],
    ['a template', '@id("a") permit (principal == ?principal, action, resource);', 'template'],
    ['a rule without an id', 'permit (principal, action, resource);', '@id'],
    ['an id that is not a public name', '@id("My Rule") permit (principal, action, resource);', '@id'],
    ['an id that is too long', `@id("${'a'.repeat(65)}") permit (principal, action, resource);`, '@id'],
    ['a title of two lines', '@id("a") @title("one\\ntwo") permit (principal, action, resource);', '@title'],
    ['an empty title', '@id("a") @title("") permit (principal, action, resource);', '@title'],
    [
      'an obligation nobody enforces',
      '@id("a") @obligation("step-up") permit (principal, action, resource);',
      '@obligation',
    ],
    ['a scope without its server', '@id("a") forbid (principal, action, resource == Scope::"chat.read");', 'Scope'],
    ['two ids on one rule', '@id("a") @id("b") permit (principal, action, resource);', 'duplicate'],
    ['a missing semicolon', '@id("a") permit (principal, action, resource)', 'end of input'],
  ]
  for (const [fault, text, word] of wrong) {
    test(`is refused for ${fault}`, () => {
      expect(problemsOf(text).map(({ message }) => message)).toContainEqual(expect.stringContaining(word))
      expect(createPolicySet({ text, version: '1' })).toMatchObject({
        ok: false,
        refusal: { reason: 'invalid-policy' },
      })
    })
  }

  test('is refused for two rules of one id, at the second', () => {
    const rule = '@id("a") permit (principal, action, resource);'
    expect(
      problemsOf(`${rule}\n@id("b") forbid (principal, action, resource);\n  ${rule.replace('permit', 'forbid')}`),
    ).toEqual([{ message: 'another rule has the same @id', rule: 'a', place: { line: 3, column: 3 } }])
  })

  test('has every problem reported, in order, at its place in characters', () => {
    const text = [
      '// ürsprünglich 😀',
      '@id("first") permit (principal, action, resource) when { "é" == context.login.arc };',
      ...Array.from({ length: 10 }, (_, n) => `@id("filler-${n}") permit (principal, action, resource);`),
      '@id("last") @colour("red") permit (principal, action, resource) when { resource.rsk > 1 };',
    ].join('\n')
    expect(problemsOf(text)).toMatchObject([
      { rule: 'first', place: { line: 2, column: 65 } },
      { rule: 'last', place: { line: 13, column: 1 }, message: expect.stringContaining('@colour') },
      { rule: 'last', place: { line: 13, column: 72 }, message: expect.not.stringContaining('policy1') },
    ])
  })
})

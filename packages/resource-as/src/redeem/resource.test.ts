import type { ResourceId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { resources, S, S2, Sb } from '../../test/fixture.ts'
import { type ResourceQuestion, resolveResource } from './resource.ts'

function resolve(question: Partial<ResourceQuestion>) {
  return resolveResource({ claimed: S, requested: undefined, governed: resources, permitted: () => true, ...question })
}
const only = resources.slice(0, 1)
const refused = (reason: string) => ({ ok: false, refusal: { reason } })
const chosen = (id: ResourceId) => ({ ok: true, value: { id } })

proves('RAS-20', 'takes the claimed resource', () => {
  expect(resolve({})).toMatchObject(chosen(S))
})

for (const [what, claimed] of [
  ['a resource governed elsewhere', S2],
  ['one governed resource and one that is not', [S, S2]],
] as const) {
  proves('RAS-20', `refuses a claim of ${what}`, () => {
    expect(resolve({ claimed })).toMatchObject(refused('resource-not-governed'))
  })
}

proves('RAS-20', 'refuses a claimed resource that is not permitted for this issuer and client', () => {
  expect(resolve({ permitted: (id) => id === Sb })).toMatchObject(refused('resource-not-governed'))
})

proves('RAS-20', 'replaces the spelling of the claim by the registered one', () => {
  expect(resolve({ claimed: 'https://MCP.chat.test/mcp' as ResourceId })).toMatchObject(chosen(S))
})

proves('RAS-20', 'without a claim, takes the requested resource', () => {
  expect(resolve({ claimed: undefined, requested: Sb })).toMatchObject(chosen(Sb))
})

proves('RAS-20', 'without a claim, refuses a requested resource that is not permitted', () => {
  const question = { claimed: undefined, requested: Sb, permitted: (id: ResourceId) => id === S }
  expect(resolve(question)).toMatchObject(refused('resource-outside-assertion'))
})

proves('RAS-20', 'without claim and request, takes the only registered resource', () => {
  expect(resolve({ claimed: undefined, governed: only })).toMatchObject(chosen(S))
})

proves('RAS-20', 'without claim and request, refuses the only resource where it is not permitted', () => {
  const question = { claimed: undefined, governed: only, permitted: () => false }
  expect(resolve(question)).toMatchObject(refused('resource-not-governed'))
})

proves('RAS-20', 'without claim and request, does not guess between two', () => {
  expect(resolve({ claimed: undefined })).toMatchObject(refused('resource-choice-needed'))
})

proves('RAS-21', 'refuses a request for a governed resource outside the claim', () => {
  expect(resolve({ requested: Sb })).toMatchObject(refused('resource-outside-assertion'))
})

proves('RAS-21', 'needs a choice where the claim names several', () => {
  expect(resolve({ claimed: [S, Sb] })).toMatchObject(refused('resource-choice-needed'))
})

proves('RAS-21', 'takes the chosen one of several', () => {
  expect(resolve({ claimed: [S, Sb], requested: Sb })).toMatchObject(chosen(Sb))
})

for (const requested of ['https://mcp.chat.test/mcp/', 'https://MCP.CHAT.test/mcp']) {
  proves('RAS-21', `understands ${requested} as the claimed resource`, () => {
    expect(resolve({ requested })).toMatchObject(chosen(S))
  })
}

for (const requested of ['https://mcp.chat.test/MCP', 'http://mcp.chat.test/mcp']) {
  proves('RAS-21', `does not understand ${requested} as the claimed resource`, () => {
    expect(resolve({ requested })).toMatchObject(refused('resource-outside-assertion'))
  })
}

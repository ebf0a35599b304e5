import type { Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { chooseScopes, droppedOf, unionOf } from './scopes.ts'

const of = (...names: string[]) => names as Scope[]

const choices = [
  ['the challenge before the metadata', undefined, of('a'), ['b'], of('a')],
  ['the metadata where there is no challenge', undefined, undefined, ['b', 'c'], of('b', 'c')],
  ['nothing where neither says', undefined, undefined, undefined, undefined],
  ['nothing for an empty list', undefined, undefined, [], undefined],
  ['the caller before both', of('w'), of('a'), ['b'], of('w')],
] as const

for (const [title, wanted, challenged, supported, chosen] of choices) {
  proves('CLI-10', `asks for ${title}`, () => {
    expect(chooseScopes(wanted, challenged, supported)).toEqual(chosen)
  })
}

proves('CLI-10', 'never asks a server for offline_access', () => {
  expect(chooseScopes(undefined, undefined, ['offline_access', 'a'])).toEqual(['a'])
  expect(chooseScopes(undefined, of('offline_access'), ['a'])).toBeUndefined()
})

test('a union keeps each scope once', () => {
  expect(unionOf(of('a', 'b'), undefined, of('b', 'c'))).toEqual(['a', 'b', 'c'])
})

test('what was not granted is named, with the issuer’s reason where it gave one', () => {
  const named = [{ scope: 'b', reason: 'policy.forbidden', rule: 'no-writes' }]
  expect(droppedOf(of('a', 'b', 'c'), of('a'), named)).toEqual([
    ...named,
    { scope: 'c', reason: 'narrowed-by-authorization-server' },
  ])
})

import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import type { Scope } from './ids.ts'
import { formatScopes, intersectScopes, MAX_SCOPES, parseScopes } from './scope.ts'

const malformed = ['', ' ', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 'a"b', 'a\\b', 'a\u0000', 'größe', 'a\u00a0b']

for (const value of malformed) {
  proves('THR-15', `refuses the scope string ${JSON.stringify(value)}`, () => {
    expect(parseScopes(value)).toEqual({ ok: false, refusal: { reason: 'scope-malformed' } })
  })
}

proves('THR-15', 'reads no more than 100 scopes', () => {
  const scopes = Array.from({ length: MAX_SCOPES + 1 }, (_, index) => `s${index}`)
  expect(parseScopes(scopes.slice(1).join(' '))).toEqual({ ok: true, value: scopes.slice(1) })
  expect(parseScopes(scopes.join(' '))).toEqual({ ok: false, refusal: { reason: 'too-many-scopes' } })
})

test('keeps the order and drops what is said twice', () => {
  expect(parseScopes('chat.write chat.read chat.write !#[]~')).toEqual({
    ok: true,
    value: ['chat.write', 'chat.read', '!#[]~'],
  })
})

test('intersects in the order of what is wanted, with regard to case', () => {
  const [read, write, upper] = ['chat.read', 'chat.write', 'Chat.Read'] as Scope[] as [Scope, Scope, Scope]
  expect(intersectScopes([write, read], [read, write])).toEqual([write, read])
  expect(intersectScopes([upper, read], [read])).toEqual([read])
  expect(formatScopes([write, read])).toBe('chat.write chat.read')
})

import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { quoted, wireText } from './text.ts'

proves('THR-16', 'quotes outside text on one line, with control characters escaped', () => {
  expect(quoted('a\r\nlevel=admin')).toBe('"a\\r\\nlevel=admin"')
  expect(quoted('\u001b[31m\u0000"')).toBe('"\\u001b[31m\\u0000\\""')
})

proves('THR-16', 'escapes the characters that end a line or turn its direction without being ASCII controls', () => {
  for (const character of ['\u007f', '\u0085', '\u2028', '\u2029', '\u202e', '\u2066', '\ufeff']) {
    expect(quoted(`a${character}b`)).not.toContain(character)
  }
})

proves('THR-16', 'cuts long outside text', () => {
  expect(quoted('x'.repeat(201))).toBe(`"${'x'.repeat(200)}…"`)
  expect(quoted('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`)
  expect(quoted('x'.repeat(50), 10)).toBe(`"${'x'.repeat(10)}…"`)
})

test('quotes what is no text as its JSON', () => {
  expect(quoted({ a: ['b'] })).toBe('"{\\"a\\":[\\"b\\"]}"')
  expect(quoted(undefined)).toBe('"undefined"')
})

proves('THR-16', 'lets only the characters of RFC 6749 §5.2 onto the wire', () => {
  expect(wireText('a"b\\c\r\nd\u007fé ~!')).toBe('a?b?c??d?? ~!')
})

import { proves } from '@carnet/requirements/vitest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_JSON_DEPTH, parseStrictJson } from './strict-json.ts'

const refused = [
  ['a name twice', '{"a":1,"a":2}', 'json-duplicate-name'],
  ['a name twice, once escaped', '{"a":1,"\\u0061":2}', 'json-duplicate-name'],
  ['a name twice, apart and deep inside', '[{"x":{"a":1,"b":{"a":2},"a":3}}]', 'json-duplicate-name'],
  ['a name twice with space before the colon', '{"a" : 1, "a"\n\t: 2}', 'json-duplicate-name'],
  ['the empty name twice', '{"":1,"":2}', 'json-duplicate-name'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'json-duplicate-name'],
  ['21 nested arrays', '['.repeat(21) + ']'.repeat(21), 'json-too-deep'],
  ['21 nested objects', `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`, 'json-too-deep'],
  ['two documents', '{}{}', 'json-malformed'],
  ['a trailing comma', '{"a":1,}', 'json-malformed'],
  ['a comment', '{} // yes', 'json-malformed'],
  ['a byte order mark', '\ufeff{}', 'json-malformed'],
  ['nothing', '', 'json-malformed'],
  ['an open bracket', '[', 'json-malformed'],
] as const

for (const [what, text, reason] of refused) {
  proves('THR-15', `refuses JSON with ${what}`, () => {
    expect(parseStrictJson(text)).toEqual({ ok: false, refusal: { reason } })
  })
}

const accepted = [
  ['the same name in two objects', '[{"a":1},{"a":2},{"b":{"a":{}}}]'],
  ['a value that equals a name', '{"a":"a","b":["a","a"]}'],
  ['brackets and quotes inside of strings', '{"[{":"}]\\"{\\\\","b":"\\\\"}'],
  ['exactly 20 levels', '['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH)],
  ['many objects that are not nested', `[${'{},'.repeat(100)}{}]`],
] as const

for (const [what, text] of accepted) {
  proves('THR-15', `accepts JSON with ${what}`, () => {
    expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })
}

test('reads every document without duplicates and depth as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
    }),
    { seed: 8259 },
  )
})

test('never throws, whatever the text', () => {
  const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ', '\n', 'null'))
  fc.assert(
    fc.property(pieces, (parts) => {
      const verdict = parseStrictJson(parts.join(''))
      expect(typeof verdict.ok).toBe('boolean')
    }),
    { seed: 8259, numRuns: 2000 },
  )
})

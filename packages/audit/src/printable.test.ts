import { proves } from '@carnet/requirements/vitest'
import { describe, expect } from 'vitest'
import { MAX_TEXT, printable } from './printable.ts'

const HEADER = 'eyJhbGciOiJFUzI1NiJ9'
const PAYLOAD = 'eyJzdWIiOiJwZXJzb24tMSJ9'

describe('printable', () => {
  const escaped = [
    ['a line break', 'a\r\nlevel=admin', 'a\\u{d}\\u{a}level=admin'],
    ['a terminal code', '\u001b[2Jgone', '\\u{1b}[2Jgone'],
    ['a C1 control', 'a\u009bb', 'a\\u{9b}b'],
    ['a NUL, which PostgreSQL refuses', 'a\u0000b', 'a\\u{0}b'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a change of direction', 'a\u202eb', 'a\\u{202e}b'],
    ['a zero-width character', 'pa\u200bypal', 'pa\\u{200b}ypal'],
    ['half a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
  ] as const
  for (const [what, text, expected] of escaped) {
    proves('THR-16', `escapes ${what} in an audit event`, () => expect(printable(text)).toBe(expected))
  }

  proves('THR-16', 'caps the text of an audit event', () => {
    expect(printable('x'.repeat(10_000))).toHaveLength(MAX_TEXT + 1)
    expect(printable('x'.repeat(MAX_TEXT))).toHaveLength(MAX_TEXT)
  })

  const tokens = [
    ['a JWT', `${HEADER}.${PAYLOAD}.c2lnbmF0dXJl`],
    ['a JWT within a sentence', `got "${HEADER}.${PAYLOAD}.c2lnbmF0dXJl" here`],
    ['an unsecured JWT', `${HEADER}.${PAYLOAD}.`],
    ['an encrypted token', `${HEADER}.AAAA.BBBB.CCCC.DDDD`],
    ['a token cut short', `${HEADER}.${PAYLOAD}`],
    ['a token that the cap cuts', `${' '.repeat(MAX_TEXT - 60)}${HEADER}.${PAYLOAD}.${'c'.repeat(400)}`],
    ['a token with spaces in its header', `${Buffer.from('{ "alg": "ES256" }').toString('base64url')}.${PAYLOAD}.x`],
  ] as const
  for (const [what, text] of tokens) {
    proves('THR-16', `keeps ${what} out of an audit event`, () => {
      expect(printable(text)).toContain('[token removed]')
      expect(printable(text)).not.toContain('eyJ')
    })
  }

  const untouched = [
    'https://mcp.example/notes',
    'policy-3 rule-17',
    'Zoë Ångström 日本 🎟️'.replace('\ufe0f', ''),
    '{"a":1}',
  ]
  for (const text of untouched) {
    proves('THR-16', `leaves ${text} as it is`, () => expect(printable(text)).toBe(text))
  }
})

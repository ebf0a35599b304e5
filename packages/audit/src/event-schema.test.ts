import type { EpochSeconds, IssuerId, SecurityEvent } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { parseEvent } from './event-schema.ts'
import { EVENT_TYPES } from './vocabulary.ts'

const event: SecurityEvent = {
  type: 'grant.issued',
  outcome: 'success',
  reporter: 'https://issuer.example' as IssuerId,
  at: NOW,
  causes: ['sign-in-1'],
  details: { lifetime_seconds: 300, dropped_scopes: ['notes:delete'], exact: true },
}

describe('parseEvent', () => {
  test('accepts an event of the vocabulary unchanged', () => {
    expect(parseEvent(event)).toEqual({ ok: true, value: event })
  })

  for (const type of Object.keys(EVENT_TYPES)) {
    test(`knows ${type}`, () => expect(parseEvent({ ...event, type }).ok).toBe(true))
  }

  const refused = [
    ['an unknown type', { type: 'grant.invented' }, 'type'],
    ['a type that is a member of every object', { type: 'constructor' }, 'type'],
    ['an unknown outcome', { outcome: 'maybe' }, 'outcome'],
    ['no reporter', { reporter: undefined }, 'reporter'],
    ['an instant that is no whole second', { at: 1.5 as EpochSeconds }, 'at'],
    ['a member nobody documented', { token: 'x' }, ''],
    ['a detail that is an object', { details: { nested: { deep: 1 } } }, 'details.nested'],
    ['a detail that is no number', { details: { n: Number.NaN } }, 'details.n'],
    ['a member that is present but undefined', { txn: undefined }, 'txn'],
    ['too many causes', { causes: Array.from({ length: 101 }, String) }, 'causes'],
  ] as const
  for (const [what, change, path] of refused) {
    test(`refuses ${what}`, () => {
      const verdict = parseEvent({ ...event, ...change })
      expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'event-invalid' } })
      expect(!verdict.ok && verdict.refusal.problems[0]).toMatch(new RegExp(`^${path}`))
    })
  }

  const everywhere = [
    ['an identifier', { client: 'a\r\nlevel=admin' }],
    ['a cause', { causes: ['a\r\nlevel=admin'] }],
    ['a scope', { requestedScopes: ['a\r\nlevel=admin'] }],
    ['a detail', { details: { claimed_client: 'a\r\nlevel=admin' } }],
    ['a list within the details', { details: { scopes: ['a\r\nlevel=admin'] } }],
    ['the name of a detail', { details: { 'a\r\nlevel=admin': 1 } }],
  ] as const
  for (const [where, change] of everywhere) {
    proves('THR-16', `escapes control characters in ${where}`, () => {
      const verdict = parseEvent({ ...event, ...change })
      expect(verdict.ok).toBe(true)
      expect(JSON.stringify(verdict)).toContain('a\\\\u{d}\\\\u{a}level=admin')
    })
  }
})

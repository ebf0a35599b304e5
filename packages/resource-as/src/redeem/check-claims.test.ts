import { type IdJagClaims, idJagClaims, refuse } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { A, B, claims, IDP, NOW, SELF, SKEW, trustIdp } from '../../test/fixture.ts'
import { checkClaims } from './check-claims.ts'

const rules = { self: SELF, sameTrustDomain: [], client: A, now: NOW, skewSeconds: SKEW }
const valid = (change: Record<string, unknown> = {}): IdJagClaims => idJagClaims.parse(claims(change))

test('accepts valid claims', () => {
  expect(checkClaims(valid(), trustIdp, rules)).toMatchObject({ ok: true })
})

const broken = [
  ['RAS-16', 'was issued to another client', { client_id: B }, 'wrong-client'],
  ['RAS-16', 'names the client in other letters', { client_id: A.toUpperCase() }, 'wrong-client'],
  ['RAS-14', 'expired exactly when the skew ran out', { exp: NOW - SKEW, iat: NOW - 300 }, 'expired'],
  ['RAS-14', 'expired long ago', { exp: NOW - 500, iat: NOW - 600 }, 'expired'],
  ['RAS-14', 'was issued further in the future than clocks may differ', { iat: NOW + SKEW + 1 }, 'clock-skew'],
  ['RAS-14', 'is not valid until later than clocks may differ', { nbf: NOW + SKEW + 1 }, 'not-yet-valid'],
  ['RAS-14', 'is valid for a day', { exp: NOW + 86_400 }, 'lifetime-too-long'],
  ['RAS-14', 'is valid one second too long', { exp: NOW + 601 }, 'lifetime-too-long'],
] as const
for (const [requirement, fault, change, reason] of broken) {
  proves(requirement, `refuses an assertion that ${fault}`, () => {
    expect(checkClaims(valid(change), trustIdp, rules)).toMatchObject({ ok: false, refusal: { reason } })
  })
}

const right = [
  ['expired less than the skew ago', { exp: NOW - 30, iat: NOW - 300 }],
  ['was issued by a clock that is ahead as far as allowed', { iat: NOW + SKEW }],
  ['becomes valid as far ahead as allowed', { nbf: NOW + SKEW }],
  ['is valid exactly as long as allowed', { exp: NOW + 600 }],
] as const
for (const [what, change] of right) {
  proves('RAS-14', `accepts an assertion that ${what}`, () => {
    expect(checkClaims(valid(change), trustIdp, rules)).toMatchObject({ ok: true })
  })
}

proves('RAS-14', 'accepts a longer life where it is entered for the issuer', () => {
  const verdict = checkClaims(valid({ exp: NOW + 3600 }), { ...trustIdp, maxLifetimeSeconds: 3600 }, rules)
  expect(verdict).toMatchObject({ ok: true })
})

describe('clocks of two companies', () => {
  proves(['RAS-14', 'THR-08'], 'are told apart from a bad assertion, with both times on record', () => {
    expect(checkClaims(valid({ iat: NOW + 120, exp: NOW + 420 }), trustIdp, rules)).toEqual(
      refuse({ reason: 'clock-skew', iat: NOW + 120, now: NOW }),
    )
  })
})

proves('RAS-22', 'refuses every client where none is permitted for the issuer', () => {
  const verdict = checkClaims(valid(), { ...trustIdp, permittedClients: [] }, rules)
  expect(verdict).toEqual(refuse({ reason: 'client-not-permitted' }))
})

proves('RAS-26', 'refuses its own grant, even with a trust entry for itself', () => {
  const verdict = checkClaims(valid({ iss: SELF }), { ...trustIdp, issuer: SELF }, rules)
  expect(verdict).toEqual(refuse({ reason: 'self-issued' }))
})

proves('RAS-26', 'refuses a grant of an issuer that is declared to be the same trust domain', () => {
  const verdict = checkClaims(valid(), trustIdp, { ...rules, sameTrustDomain: [IDP] })
  expect(verdict).toEqual(refuse({ reason: 'self-issued' }))
})

describe('what is not understood yet is refused, never ignored', () => {
  test('a key-bound assertion', () => {
    const verdict = checkClaims(valid({ cnf: { jkt: 'x' } }), trustIdp, rules)
    expect(verdict).toEqual(refuse({ reason: 'key-bound' }))
  })

  test('a tenant of the issuer that is not entered', () => {
    const verdict = checkClaims(valid({ tenant: 't2' }), trustIdp, rules)
    expect(verdict).toEqual(refuse({ reason: 'wrong-tenant', tenant: 't2' }))
  })

  test('no tenant where one is entered', () => {
    const verdict = checkClaims(valid(), { ...trustIdp, issuerTenant: trustIdp.tenant }, rules)
    expect(verdict).toEqual(refuse({ reason: 'wrong-tenant', tenant: undefined }))
  })
})

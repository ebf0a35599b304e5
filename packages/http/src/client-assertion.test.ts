import type { EpochSeconds, KeyId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { generateSigningKey, publicJwks, SIGNING_ALGORITHMS } from '@carnet/tokens'
import { expect, test } from 'vitest'
import {
  type AssertionChange,
  CLIENT,
  client,
  clientAssertion,
  clientKey,
  SELF,
  SKEW_SECONDS,
  validAssertion,
} from '../test/fixture.ts'
import { keyToTry, verifyClientAssertion } from './client-assertion.ts'

const context = { self: SELF, now: NOW, skewSeconds: SKEW_SECONDS }
const strangersKey = await generateSigningKey('ES256', { kid: 'app-a-1' })
const unknownKey = await generateSigningKey('ES256', { kid: 'never-registered' })

function reasonFor(change: AssertionChange, record = client()) {
  const verdict = verifyClientAssertion(clientAssertion(change), record, context)
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}

const LATE = NOW + 300 + SKEW_SECONDS
const broken = [
  ['is addressed to the token endpoint', { claims: { aud: `${SELF}/token` } }, 'assertion-wrong-audience'],
  ['is addressed to the issuer with a slash', { claims: { aud: `${SELF}/` } }, 'assertion-wrong-audience'],
  ['is addressed to two servers', { claims: { aud: [SELF, 'https://r.test'] } }, 'assertion-invalid-claims'],
  ['is addressed to nobody', { claims: { aud: undefined } }, 'assertion-invalid-claims'],
  ['speaks for another client', { claims: { sub: 'app-b' } }, 'assertion-wrong-issuer'],
  ['is issued by another client', { claims: { iss: 'app-b' } }, 'assertion-wrong-issuer'],
  ['has no jti', { claims: { jti: undefined } }, 'assertion-invalid-claims'],
  ['has no exp', { claims: { exp: undefined } }, 'assertion-invalid-claims'],
  [
    'expired exactly when the skew ran out',
    { claims: { exp: NOW - SKEW_SECONDS, iat: NOW - 90 } },
    'assertion-expired',
  ],
  ['was issued in the future', { claims: { iat: NOW + 61, exp: NOW + 120 } }, 'assertion-not-yet-valid'],
  ['is not valid yet', { claims: { nbf: NOW + 61 } }, 'assertion-not-yet-valid'],
  ['is valid for longer than 300 s', { claims: { exp: NOW + 301 } }, 'assertion-lifetime-too-long'],
  [
    'expires too far ahead, not saying since when',
    { claims: { iat: undefined, exp: LATE + 1 } },
    'assertion-lifetime-too-long',
  ],
  ['is an ID-JAG', { typ: 'oauth-id-jag+jwt' }, 'assertion-of-other-type'],
  ['is an access token', { typ: 'application/at+jwt' }, 'assertion-of-other-type'],
  ['is a logout token', { typ: 'logout+jwt' }, 'assertion-of-other-type'],
  ['is signed by a stranger under a registered key id', { key: strangersKey }, 'bad-signature'],
] as const

for (const [fault, change, reason] of broken) {
  proves('IDP-16', `refuses a client assertion that ${fault}`, () => {
    expect(reasonFor(change)).toBe(reason)
  })
}

const right = [
  ['has typ JWT', {}],
  ['has typ client-authentication+jwt', { typ: 'client-authentication+jwt' }],
  ['names the issuer as the only element of an array', { claims: { aud: [SELF] } }],
  ['expires exactly 300 s ahead', { claims: { exp: NOW + 300 } }],
  ['does not say when it was issued', { claims: { iat: undefined, exp: LATE } }],
  ['expired within the skew', { claims: { exp: NOW - SKEW_SECONDS + 1, iat: NOW - 90 } }],
  ['was issued ahead within the skew', { claims: { iat: NOW + 60, nbf: NOW + 60, exp: NOW + 120 } }],
] as const

for (const [what, change] of right) {
  proves('IDP-16', `accepts a client assertion that ${what}`, () => {
    expect(reasonFor(change)).toBe('accepted')
  })
}

proves('IDP-16', 'accepts a client assertion without typ or key id, where one registered key fits', () => {
  expect(reasonFor({ key: { ...clientKey, kid: undefined as never }, typ: undefined as never })).toBe('accepted')
})

const keyless = { ...clientKey, kid: undefined as never }
const unfit = [
  ['names a key the client never registered', { key: unknownKey }, client()],
  ['names no key, where two fit', { key: keyless }, client({ jwks: publicJwks([clientKey, unknownKey]) })],
  ['comes from a client without registered keys', {}, client({ jwks: undefined })],
] as const

for (const [fault, change, record] of unfit) {
  proves('IDP-16', `refuses a client assertion that ${fault}`, () => {
    expect(reasonFor(change, record)).not.toBe('accepted')
  })
}

proves('IDP-16', 'refuses a client assertion of a client that is not registered', () => {
  expect(verifyClientAssertion(clientAssertion(), undefined, context).ok).toBe(false)
})

const unknownToUs = [
  ['is not registered', undefined],
  ['registered other keys', client({ jwks: publicJwks([unknownKey]) })],
] as const

for (const [who, record] of unknownToUs) {
  proves('THR-18', `verifies a signature for a client that ${who}, as for one that is`, () => {
    for (const alg of SIGNING_ALGORITHMS) {
      const attempt = keyToTry({ header: {}, typ: 'jwt', alg, kid: 'some-id' as KeyId, iss: CLIENT }, record)
      expect(attempt).toMatchObject({ key: { alg, kid: 'some-id' }, registered: false })
    }
  })
}

test('an unusable registered key set is a fault of the configuration, not of the client', () => {
  expect(() => reasonFor({}, client({ jwks: { keys: 'none' } }))).toThrow('The key set of client "app-a" is not usable')
})

test('the verified claims are handed out', () => {
  const verdict = verifyClientAssertion(clientAssertion(), client(), context)
  expect(verdict).toMatchObject({
    ok: true,
    value: { ...validAssertion, iss: CLIENT, exp: (NOW + 60) as EpochSeconds },
  })
})

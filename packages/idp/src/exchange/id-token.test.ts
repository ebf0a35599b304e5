import type { KeyId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect } from 'vitest'
import { A, alice, B, es256, I, idToken, rs256, strangersKey, validIdToken } from '../../test/exchange-fixture.ts'
import { verifyIdToken } from './id-token.ts'

const context = {
  self: I,
  keys: { find: (kid: KeyId) => [es256, rs256].find((key) => key.kid === kid) },
  client: A,
  now: NOW,
}

function outcome(token: string) {
  const verdict = verifyIdToken(token, context)
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none', typ: 'JWT', kid: es256.kid })}.${part(validIdToken)}.`
}

const unpublished = { ...es256, kid: 'gone' as KeyId }
const keyless = { ...es256, kid: undefined as never }
const broken = [
  ['IDP-18', 'is signed by a stranger under our key id', idToken({}, { key: strangersKey }), 'bad-signature'],
  ['IDP-18', 'is signed by a key that is not published', idToken({}, { key: unpublished }), 'unknown-key'],
  ['IDP-18', 'names no key', idToken({}, { key: keyless }), 'unknown-key'],
  ['IDP-18', 'is not signed', unsigned(), 'unacceptable-algorithm'],
  ['IDP-18', 'is another issuer’s', idToken({ iss: 'https://idp.evil.test' }), 'id-token-wrong-issuer'],
  ['IDP-18', 'expired a second ago', idToken({ exp: NOW - 1 }), 'id-token-expired'],
  ['IDP-18', 'was issued in the future', idToken({ iat: NOW + 2 }), 'id-token-not-yet-valid'],
  ['IDP-18', 'has no exp', idToken({ exp: undefined }), 'id-token-invalid-claims'],
  ['IDP-18', 'is one of our ID-JAGs', idToken({}, { typ: 'oauth-id-jag+jwt' }), 'id-token-wrong-type'],
  ['IDP-18', 'is an access token', idToken({}, { typ: 'at+jwt' }), 'id-token-wrong-type'],
  ['IDP-18', 'is a logout token', idToken({}, { typ: 'logout+jwt' }), 'id-token-wrong-type'],
  ['IDP-20', 'belongs to no sign-in', idToken({ sid: undefined }), 'id-token-without-session'],
  ['IDP-24', 'is no JWT', 'refresh-of-A', 'malformed'],
] as const

for (const [requirement, fault, token, reason] of broken) {
  proves(requirement, `refuses an ID Token that ${fault}`, () => {
    expect(outcome(token)).toBe(reason)
  })
}

const elsewhere = [
  ['is for another client', { aud: B }],
  ['is for others only', { aud: [B, 'app-c'], azp: A }],
  ['is for several and was asked for by another', { aud: [A, B], azp: B }],
  ['is for several and says of none that it asked', { aud: [A, B] }],
  ['is for one and was asked for by another', { aud: A, azp: B }],
] as const

for (const [fault, claims] of elsewhere) {
  proves(['IDP-19', 'THR-11'], `refuses an ID Token that ${fault}`, () => {
    expect(outcome(idToken(claims))).toBe('id-token-wrong-client')
  })
}

const right = [
  ['IDP-18', 'has typ JWT', idToken()],
  ['IDP-18', 'has no typ', idToken({}, { typ: undefined as never })],
  ['IDP-18', 'is signed by a retired key that is still published', idToken({}, { key: rs256 })],
  ['IDP-18', 'expires next second', idToken({ exp: NOW + 1 })],
  ['IDP-19', 'names the client in an array of one', idToken({ aud: [A] })],
  ['IDP-19', 'is for several and was asked for by the client', idToken({ aud: [A, B], azp: A })],
] as const

for (const [requirement, what, token] of right) {
  proves(requirement, `accepts an ID Token that ${what}`, () => {
    expect(verifyIdToken(token, context)).toEqual({
      ok: true,
      value: { sid: validIdToken.sid, issuedAt: validIdToken.iat, subject: alice.id },
    })
  })
}

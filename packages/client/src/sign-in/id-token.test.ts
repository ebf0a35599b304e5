import type { ClientId, IssuerId, Subject } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { generateSigningKey, publicJwks, signJwt, staticKeySource } from '@carnet/tokens'
import * as oauth from 'oauth4webapi'
import { describe, expect, test } from 'vitest'
import { checkIdToken, verifyIdToken } from './id-token.ts'

const SKEW = 60
const ISSUER = 'https://idp.acme.test' as IssuerId
const CLIENT = 'a-at-idp' as ClientId
const expected = {
  issuer: ISSUER,
  client: CLIENT,
  nonce: 'n',
  subject: 'alice' as Subject,
  now: NOW,
  skewSeconds: SKEW,
}
const valid = { iss: ISSUER, sub: 'alice', aud: CLIENT, exp: NOW + 3600, iat: NOW, nonce: 'n' }

const broken = [
  ['is from another issuer', { iss: 'https://idp.evil.test' }, 'id-token-invalid'],
  ['is for another client', { aud: 'other' }, 'id-token-invalid'],
  ['is for several clients and names no authorized party', { aud: [CLIENT, 'other'] }, 'id-token-invalid'],
  ['was issued to another authorized party', { azp: 'other' }, 'id-token-invalid'],
  ['expired exactly when the skew ran out', { exp: NOW - SKEW }, 'id-token-invalid'],
  ['has no exp', { exp: undefined }, 'id-token-invalid'],
  ['was issued in the future', { iat: NOW + SKEW + 1 }, 'id-token-invalid'],
  ['is not valid yet', { nbf: NOW + SKEW + 1 }, 'id-token-invalid'],
  ['answers another request', { nonce: 'other' }, 'id-token-invalid'],
  ['answers no request', { nonce: undefined }, 'id-token-invalid'],
  ['is about another person', { sub: 'bob' }, 'person-changed'],
  ['has no sub', { sub: undefined }, 'id-token-invalid'],
] as const

for (const [fault, change, reason] of broken) {
  proves('CLI-04', `keeps no ID Token that ${fault}`, () => {
    expect(checkIdToken({ ...valid, ...change }, expected)).toMatchObject({ ok: false, refusal: { reason } })
  })
}

proves('CLI-04', 'keeps one at the very edge of every rule', () => {
  const edge = { aud: [CLIENT, 'other'], azp: CLIENT, exp: NOW - SKEW + 1, iat: NOW + SKEW, nbf: NOW + SKEW }
  expect(checkIdToken({ ...valid, ...edge }, expected)).toMatchObject({ ok: true })
  expect(
    checkIdToken({ ...valid, nonce: undefined }, { ...expected, nonce: undefined, subject: undefined }),
  ).toMatchObject({ ok: true })
})

const key = await generateSigningKey('ES256')
const otherKey = await generateSigningKey('ES256', { kid: key.kid })

proves('CLI-04', 'keeps no ID Token whose signature is not by the issuer', async () => {
  const keys = staticKeySource([key])
  expect(await verifyIdToken(signJwt(valid, { typ: 'JWT', key }), expected, keys)).toMatchObject({ ok: true })
  const forged = await verifyIdToken(signJwt(valid, { typ: 'JWT', key: otherKey }), expected, keys)
  expect(forged).toMatchObject({ ok: false, refusal: { reason: 'id-token-invalid' } })
})

describe('a certified library agrees', () => {
  // It reads the real clock, which the rows about time do not need here.
  const now = Math.floor(Date.now() / 1000)
  const lasting = { ...valid, iat: now, exp: now + 3600 }
  const rows: readonly (readonly [string, object, string?])[] = [['is right', {}], ...broken]

  // A party other than the client may stand beside a sole audience for the library, but not for the requirement.
  const comparable = rows.filter(([, change]) => !['exp', 'iat', 'nbf', 'sub', 'azp'].some((claim) => claim in change))
  for (const [title, change] of comparable) {
    test(`about an ID Token that ${title}`, async () => {
      const payload = { ...lasting, ...change }
      const ours = checkIdToken(payload, { ...expected, now: now as typeof NOW })
      expect(await theirs(signJwt(payload, { typ: 'JWT', key }))).toBe(ours.ok)
    })
  }

  async function theirs(idToken: string): Promise<boolean> {
    const server = {
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/jwks`,
      id_token_signing_alg_values_supported: ['ES256'],
    }
    const response = Response.json({ access_token: 'at', token_type: 'bearer', id_token: idToken })
    try {
      await oauth.processAuthorizationCodeResponse(server, { client_id: CLIENT }, response, {
        expectedNonce: 'n',
        requireIdToken: true,
      })
      await oauth.validateApplicationLevelSignature(server, response, {
        [oauth.customFetch]: async () => Response.json(publicJwks([key])),
      })
      return true
    } catch (error) {
      if (error instanceof oauth.OperationProcessingError) return false
      throw error
    }
  }
})

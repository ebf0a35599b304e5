import { Fault, type ResourceId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { generateSigningKey, signJwt } from '@carnet/tokens'
import { describe, expect, test } from 'vitest'
import { createTestIssuer, ISSUER, OTHER_ISSUER, RESOURCE } from '../../test/fixture/issuer.ts'
import { type TokenContext, verifyAccessToken } from './access-token.ts'

const SKEW = 60
const own = await createTestIssuer()
const other = await createTestIssuer(OTHER_ISSUER)
const stranger = await createTestIssuer('https://auth.evil.test')

const context: TokenContext = {
  resource: RESOURCE as ResourceId,
  issuers: new Map([own.trust, other.trust].map((trust) => [trust.issuer, trust])),
  now: NOW,
  skewSeconds: SKEW,
}

const broken = [
  ['RS-04', 'is no JWT', 'opaque', 'malformed'],
  ['RS-04', 'has another type', own.token({}, 'secevent+jwt'), 'wrong-type'],
  ['RS-04', 'has no type', own.token({}, ''), 'wrong-type'],
  ['RS-04', 'is from an issuer that is not configured', stranger.token(), 'unknown-issuer'],
  ['RS-04', 'writes the issuer with a trailing slash', own.token({ iss: `${ISSUER}/` }), 'unknown-issuer'],
  ['RS-04', 'writes the issuer in capitals', own.token({ iss: 'https://AUTH.chat.test' }), 'unknown-issuer'],
  ['RS-04', 'names no issuer', own.token({ iss: undefined }), 'unknown-issuer'],
  ['RS-04', 'has no exp', own.token({ exp: undefined }), 'invalid-claims'],
  ['RS-04', 'has an exp that is no number', own.token({ exp: String(NOW + 60) }), 'invalid-claims'],
  ['RS-04', 'is not valid yet', own.token({ nbf: NOW + SKEW + 1 }), 'not-yet-valid'],
  ['RS-04', 'was issued in the future', own.token({ iat: NOW + SKEW + 1 }), 'not-yet-valid'],
  [
    'RS-05',
    'is for another resource of the same server',
    own.token({ aud: 'https://mcp.chat.test/files' }),
    'wrong-audience',
  ],
  ['RS-05', 'is for our origin', own.token({ aud: 'https://mcp.chat.test' }), 'wrong-audience'],
  ['RS-05', 'is for the authorization server', own.token({ aud: ISSUER }), 'wrong-audience'],
  [
    'RS-05',
    'is for several others',
    own.token({ aud: ['https://a.test/mcp', 'https://b.test/mcp'] }),
    'wrong-audience',
  ],
  ['RS-05', 'is for nobody', own.token({ aud: undefined }), 'invalid-claims'],
] as const

describe('an access token', () => {
  for (const [requirement, fault, token, reason] of broken) {
    proves(requirement, `is refused when it ${fault}`, async () => {
      expect(await verifyAccessToken(token, context)).toMatchObject({ ok: false, refusal: { reason } })
    })
  }

  proves('RS-04', 'is refused when its signature is by another key', async () => {
    const key = await generateSigningKey('ES256', { kid: own.key.kid })
    const token = signJwt(own.valid, { typ: 'at+jwt', key })
    expect(await verifyAccessToken(token, context)).toMatchObject({ refusal: { reason: 'bad-signature' } })
  })

  proves('RS-04', 'is refused when its algorithm is not on the list', async () => {
    const key = await generateSigningKey('EdDSA', { kid: own.key.kid })
    const token = signJwt(own.valid, { typ: 'at+jwt', key })
    expect(await verifyAccessToken(token, context)).toMatchObject({ refusal: { reason: 'unacceptable-algorithm' } })
  })

  proves('RS-04', 'is refused when it says that it needs no signature', async () => {
    const [, payload] = own.token().split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'key-1' })).toString('base64url')
    expect(await verifyAccessToken(`${header}.${payload}.AA`, context)).toMatchObject({
      refusal: { reason: 'unacceptable-algorithm' },
    })
  })

  proves('RS-04', 'is good at the very edge of the tolerated clock difference', async () => {
    const token = own.token({ nbf: NOW + SKEW, iat: NOW + SKEW })
    expect(await verifyAccessToken(token, context)).toMatchObject({ ok: true, value: { sub: 'account-alice' } })
  })

  proves('RS-05', 'is good when we are among its audiences', async () => {
    const token = own.token({ aud: ['https://mcp.chat.test/files', RESOURCE] })
    expect(await verifyAccessToken(token, context)).toMatchObject({ ok: true })
  })

  for (const [kind, typ] of [
    ['an ID Token', 'JWT'],
    ['an ID-JAG', 'oauth-id-jag+jwt'],
    ['a client assertion', 'client-authentication+jwt'],
  ] as const) {
    proves(['RS-06', 'RS-04'], `is never ${kind}, even one that is right in all else`, async () => {
      expect(await verifyAccessToken(own.token({}, typ), context)).toMatchObject({ refusal: { reason: 'wrong-type' } })
    })
  }

  proves(['RS-06', 'RS-04'], 'of the identity provider is none of ours', async () => {
    const idp = await createTestIssuer('https://idp.acme.test')
    expect(await verifyAccessToken(idp.token(), context)).toMatchObject({ refusal: { reason: 'unknown-issuer' } })
  })

  proves(['RS-18', 'RS-04'], 'is checked only with the keys of the issuer it names', async () => {
    expect(await verifyAccessToken(other.token({ iss: ISSUER }), context)).toMatchObject({
      refusal: { reason: 'bad-signature' },
    })
    expect(await verifyAccessToken(other.token(), context)).toMatchObject({ ok: true, value: { iss: OTHER_ISSUER } })
  })

  test('that is bound to a key is refused, for no proof of that key is understood here', async () => {
    const token = own.token({ cnf: { jkt: 'thumbprint' } })
    expect(await verifyAccessToken(token, context)).toMatchObject({ refusal: { reason: 'key-bound' } })
  })

  test('whose keys cannot be had is a fault, not a refusal', async () => {
    const keys = { find: () => Promise.reject(new Fault('keys-unavailable', 'down')) }
    const unreachable = { ...context, issuers: new Map([[ISSUER, { ...own.trust, keys }]]) }
    await expect(verifyAccessToken(own.token(), unreachable)).rejects.toThrow(Fault)
  })
})

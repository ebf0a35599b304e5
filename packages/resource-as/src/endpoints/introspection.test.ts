import { ACCESS_TOKEN_JWT_TYPE, SOLE_TENANT, type TokenId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { createRevocationIndex } from '@carnet/revocation'
import { signJwt } from '@carnet/tokens'
import { expect } from 'vitest'
import { A, ALICE, at, key, NOW, OTHER_AS, rs, rs2, S, Sb, SELF } from '../../test/fixture.ts'
import { introspection } from './introspection.ts'
import { verifyOwnToken } from './own-token.ts'

const claims = {
  iss: SELF,
  sub: ALICE,
  aud: S,
  client_id: A,
  iat: NOW,
  exp: NOW + 600,
  jti: 'at-1',
  scope: 'chat.read',
}
const context = { self: SELF, ring: [key.self], now: NOW }

function ask(change: Record<string, unknown> = {}, by = rs, signing = { typ: ACCESS_TOKEN_JWT_TYPE, key: key.self }) {
  const token = verifyOwnToken(signJwt({ ...claims, ...change }, signing), context)
  return introspection(token, by, createRevocationIndex())
}

proves('REV-04a', 'tells the resource server of the audience about a living token', () => {
  expect(ask()).toMatchObject({ active: true, ...claims, token_type: 'Bearer' })
})

const inactive: readonly (readonly [string, ReturnType<typeof ask>])[] = [
  ['the token is for another resource', ask({}, rs2)],
  ['the token is for another resource as well', ask({ aud: [S, Sb] })],
  ['the token has expired', ask({ exp: NOW })],
  ['the token is of another issuer', ask({ iss: OTHER_AS })],
  ['the token is signed by another issuer', ask({}, rs, { typ: ACCESS_TOKEN_JWT_TYPE, key: key.evil })],
  ['the token is not an access token', ask({}, rs, { typ: 'oauth-id-jag+jwt', key: key.self })],
]
for (const [when, answer] of inactive) {
  proves('REV-04a', `says nothing but inactive when ${when}`, () => {
    expect(answer).toEqual({ active: false })
  })
}

proves('REV-04a', 'says nothing but inactive when the token was revoked', () => {
  const index = createRevocationIndex()
  index.apply({
    seq: 1,
    id: 'r',
    tenant: SOLE_TENANT,
    target: { kind: 'token', token: 'at-1' as TokenId },
    cutoff: NOW,
    expiresAt: at(900),
    reason: 'x',
    eventId: 'e',
  })
  const token = verifyOwnToken(signJwt(claims, { typ: ACCESS_TOKEN_JWT_TYPE, key: key.self }), context)
  expect(introspection(token, rs, index)).toEqual({ active: false })
})

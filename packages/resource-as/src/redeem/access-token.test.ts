import { idJagClaims, SOLE_TENANT, type TokenId, type Txn } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { A, ALICE, at, claims, NOW, READ, S, SELF, WRITE } from '../../test/fixture.ts'
import { type AccessTokenFacts, accessTokenClaims } from './access-token.ts'

const grant = { email: 'alice@acme.test', email_verified: true, name: 'Alice', act: { sub: 'admin' } }
const facts: AccessTokenFacts = {
  id: 'at-1' as TokenId,
  self: SELF,
  account: { id: ALICE, tenant: SOLE_TENANT, active: true, endsAt: undefined },
  claims: idJagClaims.parse(claims(grant)),
  resource: { tenant: SOLE_TENANT, id: S, scopes: [READ, WRITE], minimumScopes: [], tokenLifetimeSeconds: 600 },
  scopes: [READ, WRITE],
  txn: 'T'.repeat(22) as Txn,
  now: NOW,
}

proves('RAS-31', 'is for the one MCP server and nobody else', () => {
  expect(accessTokenClaims(facts).aud).toBe(S)
})

proves('RAS-32a', 'says what RFC 9068 wants, in local names, and nothing personal', () => {
  // Whom it is for and who acts are rules of their own.
  const { aud: _, act: __, ...token } = JSON.parse(JSON.stringify(accessTokenClaims(facts)))
  expect(token).toEqual({
    iss: SELF,
    sub: ALICE,
    client_id: A,
    iat: NOW,
    exp: NOW + 600,
    jti: 'at-1',
    scope: 'chat.read chat.write',
    txn: facts.txn,
    sid: 'session-1',
    auth_time: NOW - 100,
    acr: 'phr',
    amr: ['hwk'],
  })
})

proves('RAS-27', 'is for the subject alone, whoever is named as acting', () => {
  const token = accessTokenClaims(facts)
  expect(token.act).toBeUndefined()
  expect(token.sub).toBe(ALICE)
})

for (const [what, change, lifetime] of [
  ['as long as the resource says', {}, 600],
  ['never longer than an hour', { resource: { ...facts.resource, tokenLifetimeSeconds: 86_400 } }, 3600],
  ['never longer than the account', { account: { ...facts.account, endsAt: at(90) } }, 90],
] as const) {
  proves('RAS-33', `lives ${what}`, () => {
    expect(accessTokenClaims({ ...facts, ...change }).exp).toBe(NOW + lifetime)
  })
}

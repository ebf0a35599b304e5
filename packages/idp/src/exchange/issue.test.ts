import { type EpochSeconds, Fault, idJagClaims, type Txn } from '@carnet/protocol'
import type { AuthorizationServerEntry } from '@carnet/registry'
import { proves } from '@carnet/requirements/vitest'
import { NOW, SeededRandom } from '@carnet/testing'
import { peekJwt, signerAt, verifySignature } from '@carnet/tokens'
import { expect, test } from 'vitest'
import {
  A,
  alice,
  authorizationServer,
  es256,
  I,
  pairwiseKey,
  R,
  R2,
  READ,
  rs256,
  S,
  server,
  signIn,
  WRITE,
} from '../../test/exchange-fixture.ts'
import { issueIdJag } from './issue.ts'

const TXN = 'AAAAAAAAAAAAAAAAAAAAAA' as Txn
const random = new SeededRandom('issue')
const context = {
  self: I,
  keys: { signer: (alg: typeof es256.alg, now: EpochSeconds) => signerAt([es256, rs256], alg, now) },
  random,
  pairwiseKey,
  txn: TXN,
  now: NOW,
}

function issue(entry: Partial<AuthorizationServerEntry> = {}, who = alice, login = signIn(who, A)) {
  const target = { authorizationServer: authorizationServer(entry), server: server(), clientIdThere: A }
  return issueIdJag({ scopes: [READ, WRITE] }, { person: who, signIn: login }, target, context)
}

function tokenOf(issued: ReturnType<typeof issue>): string {
  if (!issued.ok) throw new Error(issued.refusal.reason)
  return issued.value.idJag.reveal()
}

function claimsOf(issued: ReturnType<typeof issue>, key = es256): Record<string, unknown> {
  const payload = verifySignature(tokenOf(issued), key)
  if (!payload.ok) throw new Error(payload.refusal.reason)
  return payload.value
}

proves('IDP-34', 'types the ID-JAG, names its key and carries no key material', () => {
  expect(peekJwt(tokenOf(issue()))?.header).toEqual({ alg: 'ES256', typ: 'oauth-id-jag+jwt', kid: 'i-es' })
})

proves('IDP-34', 'signs with the algorithm the authorization server asks for', () => {
  expect(claimsOf(issue({ signingAlgorithm: 'RS256' }), rs256)).toMatchObject({ iss: I })
})

proves('IDP-35', 'carries every required claim with its JSON type', () => {
  for (let count = 0; count < 100; count++) {
    const claims = claimsOf(issue())
    expect(idJagClaims.safeParse(claims).success).toBe(true)
    for (const name of ['iss', 'sub', 'aud', 'client_id', 'jti']) expect(claims[name]).toBeTypeOf('string')
    for (const name of ['exp', 'iat']) expect(claims[name]).toBeTypeOf('number')
  }
})

proves('IDP-36', 'addresses the authorization server by its registered issuer identifier', () => {
  expect(claimsOf(issue({ aliases: ['urn:acme:chat'], acceptsSlashVariant: true })).aud).toBe(R)
})

proves('IDP-38a', 'names the person by the subject rule of the authorization server', () => {
  const pairwise = { kind: 'pairwise', sector: 'chat' } as const
  expect(claimsOf(issue()).sub).toBe(alice.id)
  expect(claimsOf(issue({ subjectRule: pairwise })).sub).not.toBe(alice.id)
  expect(claimsOf(issue({ subjectRule: pairwise })).sub).not.toBe(
    claimsOf(issue({ subjectRule: { kind: 'pairwise', sector: 'wiki' } })).sub,
  )
})

proves('IDP-38a', 'names nobody where the subject rule has no name for the person', () => {
  expect(issue({ subjectRule: { kind: 'external-id' } })).toMatchObject({ refusal: { reason: 'no-external-id' } })
})

proves('IDP-39', 'carries one resource and the scopes as one string', () => {
  expect(claimsOf(issue())).toMatchObject({ resource: S, scope: 'chat.read chat.write' })
})

proves('IDP-40', 'lives as long as the entry says', () => {
  expect(claimsOf(issue())).toMatchObject({ iat: NOW, exp: NOW + 300 })
  expect(claimsOf(issue({ idJagLifetimeSeconds: 30 }))).toMatchObject({ exp: NOW + 30 })
})

proves('IDP-40', 'ends with the session', () => {
  const brief = signIn(alice, A, { endedAt: (NOW + 60) as EpochSeconds })
  expect(claimsOf(issue({}, alice, brief)).exp).toBe(NOW + 60)
})

proves('IDP-41', 'draws a jti of 128 random bits, never the same one twice', () => {
  const ids = Array.from({ length: 500 }, () => {
    const issued = issue()
    return issued.ok ? issued.value.id : ''
  })
  expect(new Set(ids).size).toBe(500)
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
})

proves('IDP-42', 'carries when and how the person really authenticated', () => {
  const login = signIn(alice, A, { authTime: (NOW - 999) as EpochSeconds, acr: 'phr', amr: ['hwk', 'pin'] })
  expect(claimsOf(issue({}, alice, login))).toMatchObject({ auth_time: NOW - 999, acr: 'phr', amr: ['hwk', 'pin'] })
})

proves('IDP-43', 'releases no personal claim by default', () => {
  const claims = claimsOf(issue())
  expect(Object.keys(claims)).not.toContain('email')
  expect(JSON.stringify(claims)).not.toContain(alice.email)
})

proves('IDP-43', 'releases the e-mail address where the authorization server needs it', () => {
  expect(claimsOf(issue({ releasedClaims: ['email'] }))).toMatchObject({ email: alice.email, email_verified: true })
})

proves('IDP-25', 'never says that somebody acts for somebody', () => {
  expect(Object.keys(claimsOf(issue({ releasedClaims: ['email'] })))).not.toContain('act')
})

test('carries the txn, and a session id of its own for each authorization server', () => {
  const here = claimsOf(issue())
  const there = claimsOf(issue({ issuer: R2 }))
  expect(here.txn).toBe(TXN)
  expect(here.sid).toBe(claimsOf(issue()).sid)
  expect(here.sid).not.toBe(signIn(alice, A).sid)
  expect(here.sid).not.toBe(there.sid)
})

test('the token does not print', () => {
  const issued = issue()
  expect(JSON.stringify(issued)).not.toContain('ey')
})

test('no key in force is a fault', () => {
  const keys = { signer: () => signerAt([], 'ES256', NOW) }
  const target = { authorizationServer: authorizationServer(), server: server(), clientIdThere: A }
  const subject = { person: alice, signIn: signIn(alice, A) }
  expect(() => issueIdJag({ scopes: [READ] }, subject, target, { ...context, keys })).toThrow(Fault)
})

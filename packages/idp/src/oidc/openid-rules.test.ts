/** What we ask of `oidc-provider`, one rule at a time: each test fails when its rule is taken out. */
import type { SignInMethod } from '@carnet/idp'
import { accept, type EpochSeconds, type PersonId, SOLE_TENANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { Browser } from '../../test/oidc-browser.ts'
import {
  asClient,
  authorizeUrl,
  callbackOf,
  claimsOf,
  post,
  refresh,
  SECRET_B,
  signIn,
  startWorld,
  type World,
} from '../../test/oidc-fixture.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => world.close())

proves('IDP-01', 'no response type but code is known', async () => {
  const visit = await new Browser().get(authorizeUrl(world, { response_type: 'id_token' }))
  expect(visit.location).toContain('unsupported_response_type')
})

proves('IDP-01', 'no grant type but those of OpenID Connect and the exchange is known', async () => {
  const reply = await post(world, '/token', { grant_type: 'password', username: 'alice', password: 'correct horse' })
  expect(reply).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } })
})

proves('IDP-02', 'a confidential client without a challenge is turned away', async () => {
  const changes = { code_challenge: undefined, code_challenge_method: undefined }
  expect(callbackOf(await new Browser().get(authorizeUrl(world, changes))).get('error')).toBe('invalid_request')
})

proves('IDP-06', 'an ID Token says since when, how and in which session', async () => {
  expect(claimsOf((await signIn(world)).idToken)).toMatchObject({
    auth_time: expect.any(Number),
    acr: expect.any(String),
    amr: ['pwd'],
    sid: expect.any(String),
  })
})

proves('IDP-06', 'authenticating again is another session, so that what a sid says never changes', async () => {
  const browser = new Browser()
  const first = claimsOf((await signIn(world, {}, browser)).idToken)
  const second = claimsOf((await signIn(world, { prompt: 'login' }, browser)).idToken)
  expect(second.sid).not.toBe(first.sid)
})

const asAsked: SignInMethod = {
  upstream: 'test',
  acrValues: ['weak', 'strong'],
  forDemonstrationOnly: false,
  begin: async () => ({ kind: 'page', status: 200, html: '' }),
  complete: async ({ acrValues, now }) => {
    const authentication = { authTime: now, acr: acrValues[0] ?? 'weak', amr: ['x'], upstream: 'test' }
    return accept({ person: 'person-alice' as PersonId, authentication })
  },
}

proves('IDP-08', 'acr_values leads to a sign-in where that can give what is asked for', async () => {
  const other = await startWorld({ ports: (ports) => ({ ...ports, signIn: asAsked }) })
  try {
    const browser = new Browser()
    await signIn(other, {}, browser)
    expect((await browser.get(authorizeUrl(other, { acr_values: 'strong' }))).location).toContain('/sign-in/')
    expect((await browser.get(authorizeUrl(other, { acr_values: 'weak' }))).location).toContain('?code=')
  } finally {
    await other.close()
  }
})

proves('IDP-09', 'a refresh token is replaced whenever it is used', async () => {
  const { refreshToken } = await signIn(world, { scope: 'openid offline_access' })
  const renewed = (await refresh(world, refreshToken)).json.refresh_token
  expect(renewed).toEqual(expect.any(String))
  expect(renewed).not.toBe(refreshToken)
})

proves('IDP-09', 'a client that is not registered for refresh tokens gets none', async () => {
  const tokens = await signIn(world, { client_id: 'no-refresh', scope: 'openid offline_access' })
  expect(tokens.refreshToken).toBeUndefined()
})

proves('IDP-09', 'a client that is registered for refresh tokens gets one without a consent page', async () => {
  expect((await signIn(world, { scope: 'openid offline_access' })).refreshToken).toEqual(expect.any(String))
})

proves('IDP-45', 'a key that has signed stays published until its tokens have expired', async () => {
  const own = await startWorld()
  try {
    const before = (await jwks(own)).map(({ kid }) => kid)
    await own.issuers[0]?.rotateKeys({ publishAheadSeconds: 10 })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 })
    expect((await jwks(own)).map(({ kid }) => kid)).toEqual(expect.arrayContaining(before))
  } finally {
    await own.close()
  }
})

proves('IDP-45', 'a new key is published before it signs, however soon it is wanted', async () => {
  const own = await startWorld()
  try {
    const kid = await own.issuers[0]?.rotateKeys({ publishAheadSeconds: 0 })
    expect((await jwks(own)).map((key) => key.kid)).toContain(kid)
    const header = JSON.parse(Buffer.from((await signIn(own)).idToken.split('.')[0] ?? '', 'base64url').toString())
    expect(header.kid).not.toBe(kid)
  } finally {
    await own.close()
  }
})

async function jwks(of: World): Promise<readonly { readonly kid: string }[]> {
  const { keys } = (await (await fetch(`${of.issuer}/jwks`)).json()) as { keys: { kid: string }[] }
  return keys
}

proves('REV-02', 'a browser session that began before a withdrawal is no session any more', async () => {
  const browser = new Browser()
  await signIn(world, {}, browser)
  world.revocations.apply({
    seq: 1,
    id: 'r',
    tenant: SOLE_TENANT,
    target: { kind: 'subject', subject: 'person-alice' },
    cutoff: Math.floor(Date.now() / 1000) as EpochSeconds,
    expiresAt: (Math.floor(Date.now() / 1000) + 60) as EpochSeconds,
    reason: 'test',
    eventId: 'event',
  })
  const visit = await browser.get(authorizeUrl(world, { prompt: 'none' }))
  world.revocations.forgetExpired((Math.floor(Date.now() / 1000) + 61) as EpochSeconds)
  expect(callbackOf(visit).get('error')).toBe('login_required')
})

proves('REV-03', 'a client revokes its own tokens only', async () => {
  const { accessToken } = await signIn(world)
  const reply = await post(world, '/revoke', { token: accessToken }, asClient('b', SECRET_B))
  expect(reply).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
})

proves('REV-08', 'whoever brings no hint is asked before they are signed out', async () => {
  const browser = new Browser()
  await signIn(world, {}, browser)
  const asked = await browser.get(`${world.issuer}/logout`)
  expect([asked.status, asked.location]).toEqual([200, undefined])
})

import { type EpochSeconds, type PersonId, SOLE_TENANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import type { RevocationRecord } from '@carnet/revocation'
import { type Database, openDatabase } from '@carnet/storage'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Browser } from './oidc-browser.ts'
import {
  AFTER_LOGOUT,
  asClient,
  authorize,
  authorizeUrl,
  CALLBACK,
  callbackOf,
  claimsOf,
  exchange,
  getJson,
  headerOf,
  post,
  quietLog,
  redeem,
  refresh,
  SECRET_B,
  signIn,
  startWorld,
  tokensOf,
  type World,
} from './oidc-fixture.ts'
import { storesOn } from './oidc-stores.ts'

let db: Database
let world: World

beforeAll(async () => {
  db = await openDatabase({ memory: true }, { log: quietLog })
  world = await startWorld({ stores: storesOn(db) })
})

afterEach(() => {
  vi.useRealTimers()
})

afterAll(async () => {
  await world.close()
  await db.close()
})

/** Lets time pass for this process without waiting for it. */
function later(seconds: number): void {
  const now = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: now + seconds * 1000 })
}

describe('the authorization endpoint', () => {
  for (const responseType of ['token', 'id_token', 'code id_token', 'none']) {
    proves('IDP-01', `does not know the response type ${responseType}`, async () => {
      const visit = await new Browser().get(authorizeUrl(world, { response_type: responseType }))
      const error = new URLSearchParams(
        new URL(visit.location ?? '').hash.slice(1) || new URL(visit.location ?? '').search,
      )
      expect(error.get('error')).toBe('unsupported_response_type')
    })
  }

  for (const [what, change] of [
    ['without a challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with a plain challenge', { code_challenge_method: 'plain' }],
    ['that does not say how the challenge was made', { code_challenge_method: undefined }],
  ] as const) {
    proves('IDP-02', `refuses a request ${what}, of a confidential client too`, async () => {
      const visit = await new Browser().get(authorizeUrl(world, change))
      expect(callbackOf(visit).get('error')).toBe('invalid_request')
    })
  }

  for (const redirectUri of [
    `${CALLBACK}/`,
    `${CALLBACK}?more=1`,
    'https://APP.test/cb',
    'https://app.test:443/cb',
    'https://app.test.evil.test/cb',
    'https://app.test@evil.test/cb',
    'https://app.test%2f@evil.test/cb',
    'https:\\\\app.test\\cb',
    'https://app.test/cb/../cb',
    'https://app.test/c%62',
    'https://evil.test/cb',
    'javascript:alert(1)',
  ]) {
    proves(['IDP-03', 'THR-13'], `does not redirect to ${redirectUri}`, async () => {
      const visit = await new Browser().get(authorizeUrl(world, { redirect_uri: redirectUri }))
      expect({ status: visit.status, location: visit.location }).toEqual({ status: 400, location: undefined })
      expect(visit.body).toContain('<html lang="en">')
    })
  }

  proves(['IDP-03', 'THR-13'], 'does not redirect for a client it does not know', async () => {
    for (const id of ['nobody', 'disabled']) {
      const visit = await new Browser().get(authorizeUrl(world, { client_id: id, redirect_uri: 'https://evil.test/' }))
      expect({ status: visit.status, location: visit.location }).toEqual({ status: 400, location: undefined })
    }
  })

  proves('IDP-03', 'lets the port of a loopback address vary for a native client', async () => {
    const visit = await authorize(world, new Browser(), {
      client_id: 'native',
      redirect_uri: 'http://127.0.0.1:51004/cb',
    })
    expect(visit.location).toMatch(/^http:\/\/127\.0\.0\.1:51004\/cb\?code=/)
  })

  proves('IDP-04', 'says who answers, on success and on error, byte for byte as in the metadata', async () => {
    const metadata = await getJson(world, '/.well-known/openid-configuration')
    const success = callbackOf(await authorize(world, new Browser()))
    const error = callbackOf(await new Browser().get(authorizeUrl(world, { prompt: 'none' })))
    expect([success.get('iss'), error.get('iss')]).toEqual([metadata.issuer, metadata.issuer])
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
    expect([success.get('state'), error.get('state')]).toEqual(['the-state', 'the-state'])
  })

  proves('THR-13', 'leaves the sign-in page by 303, so that a password is never sent on', async () => {
    const browser = new Browser()
    const started = await browser.get(authorizeUrl(world))
    const submitted = await browser.post(started.location ?? '', { username: 'alice', password: 'correct horse' })
    const resumed = await browser.get(submitted.location ?? '')
    expect([started.status, submitted.status, resumed.status]).toEqual([303, 303, 303])
  })
})

describe('sessions', () => {
  proves('IDP-08', 'answers prompt=none without a session with login_required', async () => {
    expect(callbackOf(await new Browser().get(authorizeUrl(world, { prompt: 'none' }))).get('error')).toBe(
      'login_required',
    )
  })

  proves(
    'IDP-08',
    'answers prompt=none with a session at once, at another client too, with no page between',
    async () => {
      const browser = new Browser()
      await signIn(world, {}, browser)
      const visit = await browser.get(authorizeUrl(world, { prompt: 'none', client_id: 'b' }))
      expect(callbackOf(visit).get('code')).toEqual(expect.any(String))
    },
  )

  proves('IDP-08', 'asks again for prompt=login and for a session older than max_age, and says when', async () => {
    const browser = new Browser()
    const first = claimsOf((await signIn(world, {}, browser)).idToken)
    expect((await browser.get(authorizeUrl(world, { prompt: 'login' }))).location).toContain('/sign-in/')
    expect((await browser.get(authorizeUrl(world, { max_age: '3600' }))).location).toContain('?code=')
    later(5)
    const again = claimsOf((await signIn(world, { max_age: '1' }, browser)).idToken)
    expect(Number(again.auth_time) - Number(first.auth_time)).toBeGreaterThanOrEqual(5)
    expect(again.sid).not.toBe(first.sid)
  })

  test('asks nobody for consent, whatever a client asks for', async () => {
    const callback = callbackOf(await authorize(world, new Browser(), { prompt: 'consent', scope: 'openid email' }))
    expect(callback.get('code')).toEqual(expect.any(String))
  })

  test('shows the sign-in page where the person is to choose an account', async () => {
    const browser = new Browser()
    await signIn(world, {}, browser)
    const callback = callbackOf(await authorize(world, browser, { prompt: 'select_account' }))
    expect(callback.get('code')).toEqual(expect.any(String))
  })

  proves('IDP-20', 'forgets a browser session whose person has been disabled', async () => {
    const browser = new Browser()
    await signIn(world, {}, browser)
    await withDisabledAlice(async () => {
      const visit = await browser.get(authorizeUrl(world, { prompt: 'none' }))
      expect(callbackOf(visit).get('error')).toBe('login_required')
    })
  })
})

async function withDisabledAlice(body: () => Promise<void>): Promise<void> {
  const alice = world.people.get('person-alice')
  if (alice === undefined) throw new Error('no alice')
  world.people.set(alice.id, { ...alice, active: false })
  try {
    await body()
  } finally {
    world.people.set(alice.id, alice)
  }
}

describe('authorization codes', () => {
  proves('IDP-02', 'are not redeemed with another verifier, and nothing is handed out', async () => {
    const code = callbackOf(await authorize(world, new Browser())).get('code')
    for (const verifier of ['another-verifier-that-is-long-enough-to-be-one-01', undefined]) {
      const reply = await redeem(world, code, { code_verifier: verifier })
      expect(reply).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      expect(reply.json).not.toHaveProperty('access_token')
    }
    expect((await redeem(world, code)).status).toBe(200)
  })

  proves(['IDP-05', 'THR-01'], 'work once, and using one again ends what it led to', async () => {
    const code = callbackOf(await authorize(world, new Browser(), { scope: 'openid offline_access' })).get('code')
    const first = await redeem(world, code)
    const { refreshToken, accessToken, idToken } = tokensOf(first)
    expect(await redeem(world, code)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await refresh(world, refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await exchange(world, idToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    const userinfo = await fetch(`${world.issuer}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(userinfo.status).toBe(401)
  })

  proves(
    ['IDP-05', 'THR-01'],
    'redeemed twenty times at once, work at most once and leave nothing usable',
    async () => {
      const code = callbackOf(await authorize(world, new Browser(), { scope: 'openid offline_access' })).get('code')
      const replies = await Promise.all(Array.from({ length: 20 }, () => redeem(world, code)))
      const successes = replies.filter(({ status }) => status === 200)
      expect(successes.length).toBeLessThanOrEqual(1)
      for (const success of successes) {
        expect((await refresh(world, tokensOf(success).refreshToken)).status).toBe(400)
        expect((await exchange(world, tokensOf(success).idToken)).status).toBe(400)
      }
    },
  )

  proves('IDP-05', 'live for a minute', async () => {
    const code = callbackOf(await authorize(world, new Browser())).get('code')
    later(61)
    expect(await redeem(world, code)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  })

  proves('IDP-05', 'belong to the client and the redirect URI they were issued for', async () => {
    const code = callbackOf(await authorize(world, new Browser())).get('code')
    expect(await redeem(world, code, {}, asClient('b', SECRET_B))).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    })
    expect(await redeem(world, code, { redirect_uri: 'https://app.test/other' })).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    })
    expect((await redeem(world, code)).status).toBe(200)
  })

  test('are stored under their hash, and nothing in the database is a credential', async () => {
    const browser = new Browser()
    const code = callbackOf(await authorize(world, browser, { scope: 'openid offline_access' })).get('code') ?? ''
    const { accessToken, refreshToken = '' } = tokensOf(await redeem(world, code))
    const text = JSON.stringify(await db.query('select * from oidc_record'))
    const session = browser.cookies.find(({ name }) => name === 'carnet_session')?.value ?? ''
    for (const value of [code, accessToken, refreshToken, session]) {
      expect(value.length).toBeGreaterThan(20)
      expect(text).not.toContain(value)
    }
  })
})

describe('ID Tokens', () => {
  proves('IDP-06', 'say who, for whom, since when and how, signed with a published key', async () => {
    const { idToken } = await signIn(world)
    const claims = claimsOf(idToken)
    expect(claims).toEqual({
      iss: world.issuer,
      sub: 'person-alice',
      aud: 'a',
      exp: Number(claims.iat) + 3600,
      iat: expect.any(Number),
      nonce: 'the-nonce',
      auth_time: expect.any(Number),
      acr: 'urn:carnet:acr:password',
      amr: ['pwd'],
      sid: expect.any(String),
    })
    const { keys } = await getJson(world, '/jwks')
    expect(keys).toContainEqual(expect.objectContaining({ kid: headerOf(idToken).kid, alg: 'ES256', use: 'sig' }))
    expect(headerOf(idToken).alg).toBe('ES256')
  })

  proves('IDP-06', 'carry the sid of the recorded sign-in, another for each client', async () => {
    const browser = new Browser()
    const a = claimsOf((await signIn(world, {}, browser)).idToken)
    const b = claimsOf((await signIn(world, { client_id: 'b' }, browser)).idToken)
    expect(a.sid).not.toBe(b.sid)
    const recorded = [...world.signIns.values()].find(({ sid }) => sid === a.sid)
    expect(recorded).toMatchObject({
      person: 'person-alice',
      client: 'a',
      authTime: a.auth_time,
      acr: a.acr,
      amr: a.amr,
      upstream: 'demo-organisation',
      endedAt: undefined,
    })
    const started = world.events.filter(({ type, session }) => type === 'session.started' && session === a.sid)
    expect(started).toEqual([expect.objectContaining({ id: recorded?.eventId })])
  })
})

describe('refresh tokens', () => {
  proves('IDP-09', 'are issued for offline_access to a client registered for them, and only then', async () => {
    const offline = { scope: 'openid offline_access' }
    expect((await signIn(world)).refreshToken).toBeUndefined()
    expect((await signIn(world, { ...offline, client_id: 'no-refresh' })).refreshToken).toBeUndefined()
    expect((await signIn(world, offline)).refreshToken).toEqual(expect.any(String))
  })

  proves('IDP-09', 'belong to their client', async () => {
    const { refreshToken } = await signIn(world, { scope: 'openid offline_access' })
    expect(await refresh(world, refreshToken, asClient('b', SECRET_B))).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    })
    expect((await refresh(world, refreshToken)).status).toBe(200)
  })

  proves('IDP-09', 'rotate; using one again ends the whole grant', async () => {
    const { refreshToken, idToken } = await signIn(world, { scope: 'openid offline_access' })
    const second = tokensOf(await refresh(world, refreshToken))
    expect(second.refreshToken).not.toBe(refreshToken)
    expect(claimsOf(second.idToken).auth_time).toBe(claimsOf(idToken).auth_time)
    expect((await exchange(world, second.idToken)).status).toBe(200)
    expect(await refresh(world, refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await refresh(world, second.refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await exchange(world, second.idToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  })

  proves('IDP-20', 'of a disabled person are refused', async () => {
    const { refreshToken } = await signIn(world, { scope: 'openid offline_access' })
    await withDisabledAlice(async () => {
      expect(await refresh(world, refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    })
  })

  proves('IDP-20', 'of a sign-in that has ended are refused', async () => {
    const { refreshToken, idToken } = await signIn(world, { scope: 'openid offline_access' })
    for (const [sid, signInOf] of world.signIns) {
      if (sid === claimsOf(idToken).sid) world.signIns.set(sid, { ...signInOf, endedAt: signInOf.authTime })
    }
    expect(await refresh(world, refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  })

  proves('IDP-20', 'of a disabled client are refused', async () => {
    const { refreshToken } = await signIn(world, { scope: 'openid offline_access' })
    const a = [...world.clients.values()].find(({ id }) => id === 'a')
    if (a === undefined) throw new Error('no client a')
    world.clients.set(a.id, { ...a, enabled: false })
    expect(await refresh(world, refreshToken)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    world.clients.set(a.id, a)
    expect((await refresh(world, refreshToken)).status).toBe(200)
  })

  test('serve as a subject token and stay as they were', async () => {
    const { refreshToken = '' } = await signIn(world, { scope: 'openid offline_access' })
    expect((await exchange(world, refreshToken, undefined, 'refresh_token')).status).toBe(200)
    expect((await exchange(world, refreshToken, undefined, 'refresh_token')).status).toBe(200)
    expect((await refresh(world, refreshToken)).status).toBe(200)
    expect((await exchange(world, refreshToken, undefined, 'refresh_token')).status).toBe(400)
  })
})

describe('withdrawal', () => {
  proves('REV-02', 'of a person ends sessions, codes, refresh tokens and ID Tokens as subjects', async () => {
    const browser = new Browser()
    const { refreshToken = '', idToken, accessToken } = await signIn(world, { scope: 'openid offline_access' }, browser)
    const code = callbackOf(await browser.get(authorizeUrl(world))).get('code')
    const half = new Browser()
    const started = await half.get(authorizeUrl(world))

    for (const issuer of world.issuers) await issuer.endPerson(personId('alice'))

    const refused = { status: 400, json: { error: 'invalid_grant' } }
    expect(await redeem(world, code)).toMatchObject(refused)
    expect(await refresh(world, refreshToken)).toMatchObject(refused)
    expect(await exchange(world, idToken)).toMatchObject(refused)
    expect(await exchange(world, refreshToken, undefined, 'refresh_token')).toMatchObject(refused)
    expect(callbackOf(await browser.get(authorizeUrl(world, { prompt: 'none' }))).get('error')).toBe('login_required')
    const userinfo = await fetch(`${world.issuer}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(userinfo.status).toBe(401)
    expect((await half.get(started.location ?? '')).status).toBe(200)
  })

  proves('REV-02', 'by a revocation record reaches what a process still finds in its store', async () => {
    const browser = new Browser()
    const { refreshToken } = await signIn(world, { scope: 'openid offline_access' }, browser)
    const cutoff = Math.floor(Date.now() / 1000)
    world.revocations.apply(revocationOf(personId('alice'), cutoff))
    expect(await refresh(world, refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(callbackOf(await browser.get(authorizeUrl(world, { prompt: 'none' }))).get('error')).toBe('login_required')
    later(2)
    expect((await signIn(world)).idToken).toEqual(expect.any(String))
    world.revocations.forgetExpired(revocationOf(personId('alice'), cutoff).expiresAt)
  })
})

const personId = (username: string) => `person-${username}` as PersonId

function revocationOf(person: PersonId, cutoff: number): RevocationRecord {
  return {
    seq: cutoff,
    id: `revocation-${cutoff}`,
    tenant: SOLE_TENANT,
    target: { kind: 'subject', subject: person },
    cutoff: cutoff as EpochSeconds,
    expiresAt: (cutoff + 3600) as EpochSeconds,
    reason: 'test',
    eventId: 'event',
  }
}

describe('logging out', () => {
  const logout = `/logout`

  proves(
    'REV-08',
    'with the hint of this session ends it, its sign-ins and its tokens, and echoes the state',
    async () => {
      const browser = new Browser()
      const { idToken, accessToken } = await signIn(world, {}, browser)
      const other = await signIn(world, { client_id: 'b' }, browser)
      const query = new URLSearchParams({
        id_token_hint: idToken,
        post_logout_redirect_uri: AFTER_LOGOUT,
        state: 'bye',
      })
      const visit = await browser.get(`${world.issuer}${logout}?${query}`)
      expect([visit.status, visit.location]).toEqual([303, `${AFTER_LOGOUT}?state=bye`])

      expect(callbackOf(await browser.get(authorizeUrl(world, { prompt: 'none' }))).get('error')).toBe('login_required')
      expect(await exchange(world, idToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      expect(await exchange(world, other.idToken, asClient('b', SECRET_B))).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
      const userinfo = await fetch(`${world.issuer}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
      expect(userinfo.status).toBe(401)
      const ended = world.events.filter(
        ({ type, session }) => type === 'session.ended' && session === claimsOf(idToken).sid,
      )
      expect(ended).toEqual([expect.objectContaining({ reason: 'logout', person: 'person-alice' })])
    },
  )

  proves('REV-08', 'takes a form as well as a query', async () => {
    const browser = new Browser()
    const { idToken } = await signIn(world, {}, browser)
    const visit = await browser.post(`${world.issuer}${logout}`, {
      id_token_hint: idToken,
      post_logout_redirect_uri: AFTER_LOGOUT,
    })
    expect([visit.status, visit.location]).toEqual([303, AFTER_LOGOUT])
  })

  proves('REV-08', 'by a form of another site, which comes without the cookie, asks and then does it', async () => {
    const browser = new Browser()
    const { idToken } = await signIn(world, {}, browser)
    const form = { id_token_hint: idToken, post_logout_redirect_uri: AFTER_LOGOUT }
    const asked = await new Browser().post(`${world.issuer}${logout}`, form, { origin: 'https://app.test' })
    expect(asked.body).toContain('Do you want to sign out?')
    const own = await browser.post(`${world.issuer}${logout}`, form, { origin: world.issuer })
    expect(own.location).toBe(AFTER_LOGOUT)
  })

  proves('REV-08', 'takes an expired hint', async () => {
    const browser = new Browser()
    const { idToken } = await signIn(world, {}, browser)
    later(3601)
    const visit = await browser.get(`${world.issuer}${logout}?${new URLSearchParams({ id_token_hint: idToken })}`)
    expect([visit.status, visit.location]).toEqual([303, `${world.issuer}/logout/success`])
  })

  for (const [what, hint] of [
    ['without a hint', async () => ({})],
    ['with the hint of another session', async () => ({ id_token_hint: (await signIn(world)).idToken })],
  ] as const) {
    proves('REV-08', `${what} asks the person first`, async () => {
      const browser = new Browser()
      const { idToken } = await signIn(world, {}, browser)
      const asked = await browser.get(`${world.issuer}${logout}?${new URLSearchParams(await hint())}`)
      expect(asked.status).toBe(200)
      expect(asked.body).toContain('Do you want to sign out?')
      expect((await exchange(world, idToken)).status).toBe(200)

      const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.body)?.[1] ?? ''
      const confirmed = await browser.post(`${world.issuer}${logout}/confirm`, { xsrf, logout: 'yes' })
      expect(confirmed.status).toBe(303)
      expect(await exchange(world, idToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      const ended = world.events.filter(
        ({ type, session }) => type === 'session.ended' && session === claimsOf(idToken).sid,
      )
      expect(ended).toEqual([expect.objectContaining({ reason: 'logout' })])
    })
  }

  proves('REV-08', 'refuses a hint that we did not sign', async () => {
    const browser = new Browser()
    const { idToken } = await signIn(world, {}, browser)
    const [header, payload] = idToken.split('.')
    const forged = `${header}.${payload}.${'A'.repeat(86)}`
    const visit = await browser.get(`${world.issuer}${logout}?${new URLSearchParams({ id_token_hint: forged })}`)
    expect([visit.status, visit.location]).toEqual([400, undefined])
    expect((await exchange(world, idToken)).status).toBe(200)
  })

  for (const uri of [
    `${AFTER_LOGOUT}/`,
    'https://app.test.evil.test/bye',
    'https://app.test@evil.test/bye',
    'https:\\\\app.test\\bye',
    'https://app.test/b%79e',
  ]) {
    proves(['REV-08', 'THR-13'], `does not redirect to ${uri}`, async () => {
      const browser = new Browser()
      const { idToken } = await signIn(world, {}, browser)
      const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: uri })
      const visit = await browser.get(`${world.issuer}${logout}?${query}`)
      expect([visit.status, visit.location]).toEqual([400, undefined])
    })
  }

  test('leaves refresh tokens for offline access, under a sign-in of their own', async () => {
    const browser = new Browser()
    const { idToken, refreshToken } = await signIn(world, { scope: 'openid offline_access' }, browser)
    await browser.get(`${world.issuer}${logout}?${new URLSearchParams({ id_token_hint: idToken })}`)
    expect(await exchange(world, idToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    const reply = await refresh(world, refreshToken)
    expect(reply.status).toBe(200)
    const after = tokensOf(reply)
    expect(claimsOf(after.idToken).sid).not.toBe(claimsOf(idToken).sid)
    expect(claimsOf(after.idToken).auth_time).toBe(claimsOf(idToken).auth_time)
    expect((await exchange(world, after.idToken)).status).toBe(200)
  })
})

describe('revocation (RFC 7009)', () => {
  proves('REV-03', 'of a refresh token takes its access tokens along', async () => {
    const { refreshToken, accessToken } = await signIn(world, { scope: 'openid offline_access' })
    expect((await post(world, '/revoke', { token: refreshToken })).status).toBe(200)
    expect(await refresh(world, refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    const userinfo = await fetch(`${world.issuer}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(userinfo.status).toBe(401)
  })

  proves('REV-03', 'reaches the tokens of the client that asks, and no others', async () => {
    const { refreshToken } = await signIn(world, { scope: 'openid offline_access' })
    expect(await post(world, '/revoke', { token: refreshToken }, asClient('b', SECRET_B))).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant', txn: expect.any(String) },
    })
    expect((await refresh(world, refreshToken)).status).toBe(200)
  })

  proves('REV-03', 'answers 200 for a token nobody has, 401 without credentials, 405 for GET', async () => {
    expect((await post(world, '/revoke', { token: 'nobody-has-this' })).status).toBe(200)
    expect(await post(world, '/revoke', { token: 'x' }, {})).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    })
    const get = await fetch(`${world.issuer}/revoke?token=x`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  })

  proves('REV-03', 'refuses a token of a kind it cannot revoke', async () => {
    const { idToken } = await signIn(world)
    expect(await post(world, '/revoke', { token: idToken })).toMatchObject({
      status: 400,
      json: { error: 'unsupported_token_type' },
    })
  })

  test('and introspection tells a client about its own tokens only', async () => {
    const { accessToken } = await signIn(world)
    expect((await post(world, '/introspect', { token: accessToken })).json).toMatchObject({
      active: true,
      client_id: 'a',
    })
    expect((await post(world, '/introspect', { token: accessToken }, asClient('b', SECRET_B))).json).toEqual({
      active: false,
    })
  })
})

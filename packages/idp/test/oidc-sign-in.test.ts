/** The sign-in endpoint, at the level of requests. */
import type { SignInMethod } from '@carnet/idp'
import { accept, Fault, type PersonId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from './oidc-browser.ts'
import { authorize, authorizeUrl, callbackOf, claimsOf, signIn, startWorld, type World } from './oidc-fixture.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

async function signInPage(browser: Browser): Promise<string> {
  return (await browser.get(authorizeUrl(world))).location ?? ''
}

const GOOD = { username: 'alice', password: 'correct horse' }

describe('the sign-in page', () => {
  test('is armoured: nothing loads, nothing frames it, nothing keeps it', async () => {
    const browser = new Browser()
    const { status, headers, body } = await browser.get(await signInPage(browser))
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy') ?? ''
    for (const directive of [
      "default-src 'none'",
      "script-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ]) {
      expect(policy).toContain(directive)
    }
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(body).not.toMatch(/<script|javascript:| on\w+=/i)
  })

  test('sets cookies that scripts and other sites do not get', async () => {
    const { headers } = await new Browser().get(authorizeUrl(world))
    const cookies = headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies) expect(cookie).toMatch(/; httponly/i)
    for (const cookie of cookies) expect(cookie).toMatch(/; samesite=lax/i)
  })

  test('opens in the browser it was made for, and in no other', async () => {
    const url = await signInPage(new Browser())
    for (const visit of [await new Browser().get(url), await new Browser().post(url, GOOD)]) {
      expect([visit.status, visit.location]).toEqual([400, undefined])
      expect(visit.body).toContain('has expired')
    }
  })

  test('does not take a cookie that was tampered with', async () => {
    const url = await signInPage(new Browser())
    const uid = url.split('/').at(-1)
    const forged = await fetch(url, { headers: { cookie: `carnet_sign_in=${uid}; carnet_sign_in.sig=AAAA` } })
    expect(forged.status).toBe(400)
  })

  test('does not take a form from another site', async () => {
    const browser = new Browser()
    const visit = await browser.post(await signInPage(browser), GOOD, { origin: 'https://evil.test' })
    expect([visit.status, visit.location]).toEqual([403, undefined])
  })

  test('says the same for a wrong password and an unknown username, and puts both on record', async () => {
    const bodies: string[] = []
    for (const username of ['alice', 'zelda']) {
      const browser = new Browser()
      const visit = await browser.post(await signInPage(browser), { username, password: 'wrong' })
      expect(visit.status).toBe(401)
      bodies.push(visit.body.replaceAll(username, 'NAME').replace(/sign-in\/[\w-]+/, 'ACTION'))
      const refused = world.events.at(-1)
      expect(refused).toMatchObject({ type: 'session.refused', client: 'a', reason: 'wrong-credentials' })
      expect(JSON.stringify(refused)).not.toContain('wrong"')
    }
    expect(bodies[0]).toBe(bodies[1])
  })

  test('slows down whoever keeps guessing, and only them', async () => {
    const browser = new Browser()
    const url = await signInPage(browser)
    const statuses: number[] = []
    for (let attempt = 0; attempt < 50; attempt++) {
      statuses.push((await browser.post(url, { username: 'guessed', password: `guess ${attempt}` })).status)
    }
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401))
    const last = await browser.post(url, { username: 'guessed', password: 'guess' })
    expect([last.status, last.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
    expect((await browser.post(url, GOOD)).status).toBe(303)
    const recorded = world.events.filter(({ details }) => details?.username === '"guessed"')
    expect(recorded.length).toBeLessThanOrEqual(50)
  })

  test('shows who asks as text, not as markup', async () => {
    const browser = new Browser()
    const hint = '"><script>alert(1)</script>'
    const started = await browser.get(authorizeUrl(world, { login_hint: hint }))
    const { body } = await browser.get(started.location ?? '')
    expect(body).not.toContain('<script')
    expect(body).toContain('&#34;&#62;&#60;script&#62;')
  })

  test('a hand that goes wrong in the store is not the person’s fault', async () => {
    const browser = new Browser()
    const url = await signInPage(browser)
    world.broken.records = new Fault('store-unavailable', 'away')
    const visit = await browser.get(url)
    world.broken.records = undefined
    expect([visit.status, visit.body.includes('Try again later')]).toEqual([503, true])
  })
})

describe('another way to sign in', () => {
  /** Asserts whatever was asked for. */
  const twoWays: SignInMethod = {
    upstream: 'elsewhere',
    acrValues: ['weak', 'strong'],
    forDemonstrationOnly: false,
    begin: async () => ({ kind: 'redirect', location: 'https://upstream.test/' }),
    complete: async ({ acrValues, now }) =>
      accept({
        person: 'person-alice' as PersonId,
        authentication: { authTime: now, acr: acrValues[0] ?? 'weak', amr: ['hwk'], upstream: 'elsewhere' },
      }),
  }

  proves('IDP-08', 'is asked for by acr_values where that can help, and only there', async () => {
    const other = await startWorld({ environment: 'production', ports: (ports) => ({ ...ports, signIn: twoWays }) })
    try {
      const browser = new Browser()
      const weak = claimsOf((await signIn(other, {}, browser)).idToken)
      expect(weak.acr).toBe('weak')
      expect((await browser.get(authorizeUrl(other, { acr_values: 'unheard-of' }))).location).toContain('?code=')
      expect((await browser.get(authorizeUrl(other, { acr_values: 'strong', prompt: 'none' }))).location).toContain(
        '?code=',
      )
      const strong = claimsOf((await signIn(other, { acr_values: 'strong' }, browser)).idToken)
      expect(strong).toMatchObject({ acr: 'strong', amr: ['hwk'] })
      expect(strong.sid).not.toBe(weak.sid)
      expect((await browser.get(authorizeUrl(other, { acr_values: 'strong' }))).location).toContain('?code=')
    } finally {
      await other.close()
    }
  })

  test('may lead to another site', async () => {
    const other = await startWorld({ ports: (ports) => ({ ...ports, signIn: twoWays }) })
    const browser = new Browser()
    const started = await browser.get(authorizeUrl(other))
    expect((await browser.get(started.location ?? '')).location).toBe('https://upstream.test/')
    await other.close()
  })

  test('is needed in production: the demo sign-in does not run there', async () => {
    await expect(startWorld({ environment: 'production' })).rejects.toThrow(
      'the demo sign-in does not run in production',
    )
  })
})

test('a person who is disabled while signing in gets nowhere', async () => {
  const alice = world.people.get('person-alice')
  if (alice === undefined) throw new Error('no alice')
  world.people.set(alice.id, { ...alice, active: false })
  const visit = await authorize(world, new Browser())
  world.people.set(alice.id, alice)
  expect(visit.location?.startsWith('https://app.test')).not.toBe(true)
  expect(callbackOf(await authorize(world, new Browser())).get('code')).toEqual(expect.any(String))
})

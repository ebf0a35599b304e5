/** The standalone server over real HTTP: what clients send, and what they are told. */
import { request as rawRequest } from 'node:http'
import { Fault, type IssuerId, JWT_BEARER_GRANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { nodeListener } from '@carnet/resource-as/node'
import { findTokenText } from '@carnet/testing'
import { peekJwt, publicJwks } from '@carnet/tokens'
import { describe, expect, test } from 'vitest'
import {
  A,
  ALICE,
  AS_A,
  assertionType,
  B,
  basic,
  clientA,
  clientAssertion,
  EVIL,
  IDP,
  idJag,
  key,
  NOW,
  OTHER_AS,
  redemptionForm,
  S,
  S2,
  Sb,
  SECRETS,
  type Setup,
  serve,
  trustIdp,
} from './fixture.ts'
import { listen } from './http.ts'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

async function start(setup: Setup = {}) {
  let served: ReturnType<typeof serve> | undefined
  const origin = await listen((at) => {
    served = serve({ ...setup, config: { issuer: at, ...setup.config } })
    return nodeListener(served.server)
  })
  if (served === undefined) throw new Error('not started')
  const { server } = served
  const jag = (change: Record<string, unknown> = {}, signing: Parameters<typeof idJag>[1] = {}) =>
    idJag({ aud: server.issuer, ...change }, signing)
  const send = async (body: string, headers: Record<string, string> = {}, method = 'POST'): Promise<Answer> => {
    const response = await fetch(`${server.issuer}/token`, {
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      ...(method !== 'GET' && { body }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
  }
  const redeem = (
    assertion: string | undefined,
    change: Record<string, string | undefined> = {},
    authorization = AS_A,
  ) => send(redemptionForm(assertion, change), authorization === '' ? {} : { authorization })
  return { ...served, origin, jag, send, redeem }
}

const error = (status: number, code: string) => ({ status, body: { error: code } })

describe('a redemption', () => {
  proves(['RAS-01', 'RAS-30a'], 'needs neither scope nor resource, and is answered in full', async () => {
    const { redeem, jag } = await start()
    const { status, headers, body } = await redeem(jag())
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'chat.read', resource: S })
    const [, payload] = String(body.access_token).split('.')
    expect(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()).scope).toBe(body.scope)
    expect(peekJwt(String(body.access_token))?.typ).toBe('at+jwt')
  })

  proves('RAS-34', 'never brings a refresh token, whatever is asked', async () => {
    const { redeem, jag } = await start()
    const { body } = await redeem(jag({ scope: 'chat.read' }), { scope: 'chat.read offline_access' })
    expect(body.scope).toBe('chat.read')
    expect(body).not.toHaveProperty('refresh_token')
  })

  test('ignores an empty code, and a client_id beside Basic that says the same', async () => {
    const { redeem, jag } = await start()
    expect(await redeem(jag(), { code: '', client_id: A })).toMatchObject({ status: 200 })
  })

  proves('RAS-26', 'trusts an issuer beside it only through an entry', async () => {
    const beside = await start({ trust: [] })
    expect(await beside.redeem(beside.jag())).toMatchObject(error(400, 'invalid_grant'))
    const entered = await start()
    expect(await entered.redeem(entered.jag())).toMatchObject({ status: 200 })
  })
})

describe('the form of a request', () => {
  for (const [what, change, code] of [
    ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['no grant type', { grant_type: undefined }, 'invalid_request'],
  ] as const) {
    proves('RAS-01', `${what} is refused`, async () => {
      const { redeem, jag } = await start()
      expect(await redeem(jag(), change)).toMatchObject(error(400, code))
    })
  }

  for (const name of ['scope', 'resource', 'grant_type', 'client_id']) {
    proves('RAS-01', `a repeated ${name} is refused`, async () => {
      const { send, jag } = await start()
      const body = `${redemptionForm(jag(), { [name]: name === 'grant_type' ? JWT_BEARER_GRANT : 'x' })}&${name}=x`
      expect(await send(body, { authorization: AS_A })).toMatchObject(error(400, 'invalid_request'))
    })
  }

  proves('RAS-01', 'only POST is allowed, and only a form', async () => {
    const { send, jag } = await start()
    const get = await send('', {}, 'GET')
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    const json = await send(JSON.stringify({ assertion: jag() }), { 'content-type': 'application/json' })
    expect(json).toMatchObject(error(400, 'invalid_request'))
  })

  proves('RAS-02', 'no assertion, or two, is a malformed request', async () => {
    const { redeem, send, jag } = await start()
    expect(await redeem(undefined)).toMatchObject(error(400, 'invalid_request'))
    expect(await redeem('')).toMatchObject(error(400, 'invalid_request'))
    const twice = `${redemptionForm(jag())}&assertion=${jag()}`
    expect(await send(twice, { authorization: AS_A })).toMatchObject(error(400, 'invalid_request'))
  })

  for (const [what, assertion] of [
    ['is a word', 'abc'],
    ['is 17 KiB long', `${'x'.repeat(17 * 1024)}.y.z`],
    ['has five parts', 'a.b.c.d.e'],
  ] as const) {
    proves('RAS-02', `an assertion that ${what} is an unusable grant`, async () => {
      const { redeem } = await start()
      expect(await redeem(assertion)).toMatchObject(error(400, 'invalid_grant'))
    })
  }

  proves('RAS-02', 'a body of 1 MiB is refused as too large', async () => {
    const { origin } = await start()
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 1_048_576 }
      const sent = rawRequest(`${origin}/token`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode)
        sent.destroy()
      })
      sent.on('error', reject)
      sent.flushHeaders()
    })
    expect(status).toBe(413)
  })
})

describe('the client', () => {
  proves('RAS-04', 'a wrong secret is 401 with a Basic challenge, and does not use the assertion up', async () => {
    const { redeem, jag } = await start()
    const assertion = jag()
    const wrong = await redeem(assertion, {}, basic(A, 'wrong'))
    expect(wrong).toMatchObject(error(401, 'invalid_client'))
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic /)
    expect(await redeem(assertion)).toMatchObject({ status: 200 })
  })

  proves('RAS-03a', 'no credentials are refused, and so is a method the client did not register', async () => {
    const { redeem, jag } = await start({ clients: [{ ...clientA, authMethods: ['private_key_jwt'] }] })
    expect(await redeem(jag(), { client_id: A }, '')).toMatchObject(error(401, 'invalid_client'))
    expect(await redeem(jag())).toMatchObject(error(401, 'invalid_client'))
  })

  proves('RAS-03a', 'an allow-listed public client redeems nothing that is not key-bound', async () => {
    const { redeem, jag } = await start({ clients: [{ ...clientA, authMethods: ['none'] }] })
    expect(await redeem(jag(), { client_id: A }, '')).toMatchObject(error(400, 'invalid_grant'))
  })

  proves('RAS-05', 'may use Basic, the body, or a signed assertion', async () => {
    const { redeem, jag, server } = await start()
    const signed = { client_assertion_type: assertionType, client_assertion: clientAssertion({ aud: server.issuer }) }
    expect(await redeem(jag())).toMatchObject({ status: 200 })
    expect(await redeem(jag(), { client_id: A, client_secret: SECRETS.a }, '')).toMatchObject({ status: 200 })
    expect(await redeem(jag(), signed, '')).toMatchObject({ status: 200 })
  })

  for (const [what, change] of [
    ['Basic and the body together', { client_id: A, client_secret: SECRETS.a }],
    ['Basic of one client with the id of another', { client_id: B }],
  ] as const) {
    proves('RAS-05', `${what} is a malformed request`, async () => {
      const { redeem, jag } = await start()
      expect(await redeem(jag(), change)).toMatchObject(error(400, 'invalid_request'))
    })
  }

  proves('RAS-06', 'is understood raw and form-encoded', async () => {
    const { redeem, jag } = await start()
    const encoded = Array.from(A, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')
    expect(await redeem(jag(), {}, basic(encoded, encodeURIComponent(SECRETS.a)))).toMatchObject({ status: 200 })
  })

  for (const [whom, aud] of [
    ['the issuer of the grant', IDP],
    ['the token endpoint', undefined],
    ['another server as well', [OTHER_AS]],
  ] as const) {
    proves(['RAS-07', 'THR-02'], `may not use a client assertion for ${whom}`, async () => {
      const { redeem, jag, server } = await start()
      const audience = Array.isArray(aud) ? [server.issuer, ...aud] : (aud ?? `${server.issuer}/token`)
      const signed = { client_assertion_type: assertionType, client_assertion: clientAssertion({ aud: audience }) }
      expect(await redeem(jag(), signed, '')).toMatchObject(error(401, 'invalid_client'))
    })
  }

  proves(['RAS-07', 'THR-01'], 'may use a client assertion once', async () => {
    const { redeem, jag, server } = await start()
    const signed = { client_assertion_type: assertionType, client_assertion: clientAssertion({ aud: server.issuer }) }
    expect(await redeem(jag(), signed, '')).toMatchObject({ status: 200 })
    expect(await redeem(jag(), signed, '')).toMatchObject(error(401, 'invalid_client'))
  })

  proves('RAS-08', 'that is not registered for the grant is unauthorized', async () => {
    const { redeem, jag } = await start({ clients: [{ ...clientA, grantTypes: ['authorization_code'] }] })
    expect(await redeem(jag())).toMatchObject(error(400, 'unauthorized_client'))
  })

  proves(['RAS-16', 'THR-11'], 'cannot redeem what was issued to another, who still can', async () => {
    const { redeem, jag } = await start()
    const assertion = jag()
    const stolen = await redeem(assertion, {}, basic(B, SECRETS.b))
    expect(stolen).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', carnet_reason: 'assertion.wrong-client' },
    })
    expect(await redeem(assertion)).toMatchObject({ status: 200 })
  })
})

describe('using an assertion up', () => {
  proves(['RAS-17', 'THR-01'], 'happens once', async () => {
    const { redeem, jag } = await start()
    const assertion = jag()
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => redeem(assertion)))
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 400)])
    const refused = outcomes.find(({ status }) => status === 400)
    expect(refused?.body).toMatchObject({ error: 'invalid_grant', carnet_reason: 'jti.replayed' })
  })

  proves('RAS-18a', 'happens after everything that may refuse', async () => {
    const { redeem, jag, stores } = await start()
    const assertion = jag()
    const account = { id: ALICE, tenant: trustIdp.tenant, endsAt: undefined }
    stores.accounts.put({ ...account, active: false })
    expect(await redeem(assertion)).toMatchObject(error(400, 'access_denied'))
    stores.accounts.put({ ...account, active: true })
    expect(await redeem(assertion, { scope: 'chat.write' })).toMatchObject(error(400, 'invalid_scope'))
    expect(await redeem(assertion, { resource: Sb })).toMatchObject(error(400, 'invalid_target'))
    expect(await redeem(assertion, {}, basic(B, SECRETS.b))).toMatchObject(error(400, 'invalid_grant'))
    expect(await redeem(assertion)).toMatchObject({ status: 200 })
  })

  proves('RAS-19', 'not being possible is our failure: 503, nothing issued, and on record', async () => {
    const down = () => Promise.reject(new Fault('store-unavailable', 'down', { retryAfterSeconds: 3 }))
    const { redeem, jag, events } = await start({ ports: { redemptions: { commit: down } } })
    const { status, headers, body } = await redeem(jag())
    expect([status, headers.get('retry-after'), body.error]).toEqual([503, '3', 'temporarily_unavailable'])
    expect(body).not.toHaveProperty('access_token')
    expect(events).toMatchObject([{ type: 'dependency.failed', outcome: 'failed', reason: 'store-unavailable' }])
  })

  test('keys of the issuer that cannot be had are our failure, not the client’s', async () => {
    const find = () => Promise.reject(new Fault('keys-unavailable', 'no answer'))
    const { redeem, jag } = await start({ ports: { issuerKeys: { of: () => ({ find }) } } })
    expect(await redeem(jag())).toMatchObject(error(503, 'temporarily_unavailable'))
  })

  test('a bug of ours is a 500 that says nothing', async () => {
    const findLinked = () => Promise.reject(new TypeError('internal detail'))
    const { redeem, jag, stores } = await start()
    Object.assign(stores.accounts, { findLinked })
    const { status, body } = await redeem(jag())
    expect([status, body.error]).toEqual([500, 'server_error'])
    expect(JSON.stringify(body)).not.toContain('internal detail')
  })
})

describe('what the caller is told', () => {
  proves('RAS-35', 'ten defects before verification: one body, apart from txn', async () => {
    const { redeem, jag } = await start()
    const defects = [
      'abc',
      'a.b.c',
      jag({}, { typ: 'JWT' }),
      jag({}, { typ: 'at+jwt' }),
      jag({ iss: EVIL }, { key: key.evil }),
      jag({ iss: `${IDP}/` }),
      jag({ iss: undefined }),
      jag({}, { key: key.evil }),
      jag({}, { key: key.evil, header: { jwk: key.evil.publicKey.export({ format: 'jwk' }) } }),
      `${jag().slice(0, -4)}AAAA`,
    ]
    const bodies = await Promise.all(defects.map((defect) => redeem(defect)))
    const texts = bodies.map(({ status, body: { txn, ...body } }) => {
      expect(txn).toMatch(/^[\w-]{22}$/)
      return JSON.stringify([status, body])
    })
    expect(new Set(texts).size).toBe(1)
  })

  const told: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
    ['expired', { exp: NOW - 100, iat: NOW - 200 }, 'invalid_grant', 'assertion.expired'],
    ['from a clock far ahead', { iat: NOW + 120 }, 'invalid_grant', 'clock.skew'],
    ['for another server', { aud: OTHER_AS }, 'invalid_grant', 'assertion.wrong-audience'],
    ['without a subject', { sub: undefined }, 'invalid_grant', 'assertion.invalid-claims'],
    ['for a resource of another server', { resource: S2 }, 'invalid_grant', 'resource.not-governed'],
    ['with a scope nobody knows', { scope: 'chat.read bogus' }, 'invalid_grant', 'scope.unknown'],
    ['for a stranger', { sub: 'mallory' }, 'access_denied', 'account.unknown'],
  ]
  for (const [what, change, code, reason] of told) {
    proves('RAS-35', `of an assertion ${what}: its code, and values only in the audit log`, async () => {
      const { redeem, jag, events } = await start()
      const { status, body } = await redeem(jag(change))
      expect({ status, error: body.error, reason: body.carnet_reason }).toEqual({ status: 400, error: code, reason })
      const value = Object.values(change)[0]
      if (typeof value === 'string') expect(JSON.stringify(body)).not.toContain(value)
      expect(events).toMatchObject([{ type: 'token.refused', outcome: 'refused', txn: body.txn }])
    })
  }

  proves('RAS-36', 'too many wrong secrets: 429, and one event for the flood', async () => {
    const { redeem, jag, events } = await start()
    const answers: number[] = []
    for (let n = 0; n < 60; n++) answers.push((await redeem(jag(), {}, basic(A, `wrong-${n}`))).status)
    expect(answers[0]).toBe(401)
    expect(answers.at(-1)).toBe(429)
    const limited = events.filter(({ reason }) => reason === 'rate-limited')
    expect(limited).toHaveLength(1)
  })

  proves('RAS-36', 'too many requests that are no form: 429, and one event for the flood', async () => {
    const { send, events } = await start()
    const answers: number[] = []
    for (let n = 0; n < 60; n++) answers.push((await send('{}', { 'content-type': 'application/json' })).status)
    expect(answers[0]).toBe(400)
    expect(answers.at(-1)).toBe(429)
    expect(events.length).toBeLessThanOrEqual(41)
  })

  proves('THR-07', 'an issuer over its quota: 429, while another is served', async () => {
    const other = { ...trustIdp, issuer: 'https://idp.beta.test' as IssuerId, keys: { jwks: publicJwks([key.idp2]) } }
    const { redeem, jag, stores } = await start({
      trust: [trustIdp, { ...other, subjects: { byExternalId: false, createAccounts: true } }],
      config: { quota: { perIssuer: 2, perClient: 100, windowSeconds: 720 } },
    })
    for (let n = 0; n < 2; n++) expect(await redeem(jag())).toMatchObject({ status: 200 })
    expect(await redeem(jag())).toMatchObject(error(429, 'temporarily_unavailable'))
    expect(await redeem(jag({ iss: other.issuer }, { key: key.idp2 }))).toMatchObject({ status: 200 })
    expect(stores.redeemedCount).toBe(3)
  })

  test('no token text in any event, however a request ends', async () => {
    const { redeem, jag, events, send } = await start()
    for (const assertion of ['abc', jag(), jag({ exp: NOW - 900, iat: NOW - 1000 }), jag({}, { key: key.evil })]) {
      await redeem(assertion)
      await redeem(assertion, {}, basic(jag(), jag()))
      await send(`assertion=${assertion}&assertion=${assertion}`)
    }
    expect(findTokenText(JSON.stringify(events))).toEqual([])
    expect(JSON.stringify(events)).not.toContain(SECRETS.a)
  })
})

describe('clocks', () => {
  proves('THR-08', 'may differ by a minute, and a replay is known until the skew ran out', async () => {
    const { redeem, jag, clock } = await start()
    expect(await redeem(jag({ iat: NOW + 59, exp: NOW + 359 }))).toMatchObject({ status: 200 })
    expect(await redeem(jag({ iat: NOW + 120, exp: NOW + 420 }))).toMatchObject(error(400, 'invalid_grant'))
    const assertion = jag()
    expect(await redeem(assertion)).toMatchObject({ status: 200 })
    clock.set((NOW + 300 + 59) as typeof NOW)
    expect(await redeem(assertion)).toMatchObject({ body: { carnet_reason: 'jti.replayed' } })
    expect(await redeem(jag())).toMatchObject({ status: 200 })
  })
})

describe('audiences', () => {
  proves('THR-02', 'no other token passes for an ID-JAG here', async () => {
    const { redeem, jag, server } = await start()
    const accessToken = String((await redeem(jag())).body.access_token)
    const others = [
      jag({ aud: A }, { typ: 'JWT' }),
      jag({ aud: OTHER_AS }),
      accessToken,
      clientAssertion({ aud: server.issuer }),
      clientAssertion({ aud: IDP }),
    ]
    for (const other of others) expect(await redeem(other)).toMatchObject(error(400, 'invalid_grant'))
  })

  proves('RAS-20', 'without a claim and a request, two resources need a choice', async () => {
    const { redeem, jag } = await start()
    expect(await redeem(jag({ resource: undefined }))).toMatchObject(error(400, 'invalid_target'))
    expect(await redeem(jag({ resource: undefined, scope: 'files.read' }), { resource: Sb })).toMatchObject({
      status: 200,
      body: { resource: Sb },
    })
  })

  proves('RAS-11', 'an unknown issuer causes no request to anywhere', async () => {
    const { redeem, jag, outbound } = await start({
      trust: [{ ...trustIdp, keys: { jwksUri: 'https://idp.acme.test/jwks' } }],
    })
    await redeem(jag({ iss: EVIL }, { key: key.evil }))
    expect(outbound).toEqual([])
    await redeem(jag())
    expect(outbound).toEqual(['https://idp.acme.test/jwks'])
  })
})

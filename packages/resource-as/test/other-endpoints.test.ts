/** Metadata, keys, introspection, revocation, the feed and the events of guards, over real HTTP. */
import type { IssuerId, SessionId, Subject, TokenId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { nodeListener } from '@carnet/resource-as/node'
import { describe, expect, test } from 'vitest'
import {
  A,
  ALICE,
  AS_A,
  answered,
  B,
  basic,
  IDP,
  idJag,
  NOW,
  post,
  redeemAt,
  redemptionForm,
  rs,
  rs2,
  S,
  SECRETS,
  type Setup,
  serve,
  trustIdp,
} from './fixture.ts'
import { listen } from './http.ts'

const AS_RS = basic(rs.id, SECRETS.rs)
const AS_RS2 = basic(rs2.id, SECRETS.rs2)

async function start(path = '', setup: Setup = {}) {
  let served: ReturnType<typeof serve> | undefined
  const origin = await listen((at) => {
    served = serve({ ...setup, config: { issuer: at + path, ...setup.config } })
    return nodeListener(served.server)
  })
  if (served === undefined) throw new Error('not started')
  const { server } = served
  const post = async (to: string, parameters: Record<string, string>, authorization?: string) => {
    const headers = { ...(authorization !== undefined && { authorization }) }
    const response = await fetch(server.issuer + to, { method: 'POST', headers, body: new URLSearchParams(parameters) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const issue = async (change: Record<string, unknown> = {}) => {
    const form = redemptionForm(idJag({ aud: server.issuer, ...change }))
    const { body } = await post('/token', Object.fromEntries(new URLSearchParams(form)), AS_A)
    return String(body.access_token)
  }
  return { ...served, origin, post, issue }
}

describe('documents', () => {
  proves(['DISC-03', 'DISC-06'], 'are at every spelling for an issuer with a path, and nowhere else', async () => {
    const { origin, server } = await start('/t1')
    for (const at of [
      '/.well-known/oauth-authorization-server/t1',
      '/.well-known/openid-configuration/t1',
      '/t1/.well-known/openid-configuration',
      '/t1/.well-known/oauth-authorization-server',
    ]) {
      const response = await fetch(origin + at)
      expect([response.status, Object(await response.json()).issuer]).toEqual([200, server.issuer])
    }
    for (const at of ['/.well-known/oauth-authorization-server', '/t1/nowhere', '/', '/.well-known/x', '/t12/token']) {
      expect((await fetch(origin + at)).status).toBe(404)
    }
  })

  proves('DISC-05', 'reveal no trusted issuer and no tenant', async () => {
    const { server, origin } = await start()
    const text = await (await fetch(`${origin}/.well-known/oauth-authorization-server`)).text()
    expect(text).not.toContain(IDP)
    expect(text).not.toContain(trustIdp.tenant)
    expect(server.metadata().issuer).toBe(server.issuer)
  })

  proves('DISC-14', 'may be read from any origin, and only read', async () => {
    const { origin } = await start()
    for (const at of ['/.well-known/openid-configuration', '/jwks']) {
      const read = await fetch(origin + at, { headers: { origin: 'https://app.test' } })
      expect([read.status, read.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
      expect((await fetch(origin + at, { method: 'POST', body: 'x' })).status).toBe(405)
    }
  })

  test('the key set holds public members only', async () => {
    const { origin } = await start()
    const { keys } = Object(await (await fetch(`${origin}/jwks`)).json())
    expect(keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: 'ras-1', use: 'sig', alg: 'ES256' },
    ])
  })

  test('the authorization endpoint says that there is no sign-in here', async () => {
    const { origin } = await start()
    const page = await fetch(`${origin}/authorize?response_type=code`)
    expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
    expect(await page.text()).toContain('There is no sign-in here')
  })
})

describe('introspection', () => {
  proves('REV-04a', 'tells the resource server of the audience, and it alone', async () => {
    const { post, issue, server } = await start()
    const token = await issue()
    expect(await post('/introspect', { token }, AS_RS)).toMatchObject({
      status: 200,
      body: {
        active: true,
        iss: server.issuer,
        sub: ALICE,
        aud: S,
        client_id: A,
        scope: 'chat.read',
        exp: NOW + 600,
        iat: NOW,
        jti: expect.any(String),
        token_type: 'Bearer',
      },
    })
    expect((await post('/introspect', { token }, AS_RS2)).body).toEqual({ active: false })
    expect((await post('/introspect', { token: 'x' }, AS_RS)).body).toEqual({ active: false })
  })

  proves('REV-04a', 'is for authenticated resource servers only', async () => {
    const { post, issue } = await start()
    const token = await issue()
    for (const caller of [undefined, AS_A, basic(rs.id, 'wrong')]) {
      expect((await post('/introspect', { token }, caller)).status).toBe(401)
    }
  })
})

describe('revocation', () => {
  proves('REV-03', 'ends a token of the client that asks, and answers 200 to whatever is no token', async () => {
    const { post, issue, events } = await start()
    const token = await issue()
    expect((await post('/revoke', { token }, AS_A)).status).toBe(200)
    expect((await post('/introspect', { token }, AS_RS)).body).toEqual({ active: false })
    expect(events.at(-1)).toMatchObject({ type: 'token.revoked', client: A, resource: S })
    expect((await post('/revoke', { token: 'random' }, AS_A)).status).toBe(200)
  })

  proves('REV-03', "refuses another client's token, which goes on working", async () => {
    const { post, issue } = await start()
    const token = await issue()
    expect(await post('/revoke', { token }, basic(B, SECRETS.b))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await post('/introspect', { token }, AS_RS)).body.active).toBe(true)
    expect((await post('/revoke', { token })).status).toBe(401)
  })

  test('ends other tokens of the same person not', async () => {
    const { post, issue } = await start()
    const [one, two] = [await issue(), await issue()]
    await post('/revoke', { token: one }, AS_A)
    expect((await post('/introspect', { token: two }, AS_RS)).body.active).toBe(true)
  })
})

describe('what resource servers hear and say', () => {
  test('the feed tells an authenticated resource server what has ended', async () => {
    const { post, issue, server } = await start('/t1')
    const token = await issue()
    await post('/revoke', { token }, AS_A)
    const page = await fetch(`${server.issuer}/revocations`, { headers: { authorization: AS_RS } })
    expect(await page.json()).toMatchObject({ records: [{ target: { kind: 'token' } }] })
    expect((await fetch(`${server.issuer}/revocations`)).status).toBe(401)
  })

  test('the feed stays open, and tells what ends while it is', async () => {
    const { post, issue, server } = await start()
    const token = await issue()
    const headers = { authorization: AS_RS, accept: 'text/event-stream' }
    const gone = new AbortController()
    const stream = await fetch(`${server.issuer}/revocations`, { headers, signal: gone.signal })
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    while (!heard.includes('event: level')) heard += (await reader?.read())?.value ?? ''
    await post('/revoke', { token }, AS_A)
    while (!heard.includes('event: revocation')) heard += (await reader?.read())?.value ?? ''
    gone.abort()
    expect(heard).toContain('"kind":"token"')
  })

  test('events of guards are put on record, about their own resource only', async () => {
    const { events, server } = await start()
    const event = { id: 'e1', type: 'call.allowed', outcome: 'success', reporter: S, at: NOW, resource: S }
    const send = (body: object, authorization = AS_RS) =>
      fetch(`${server.issuer}/events`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await send({ events: [event] })).status).toBe(202)
    expect(events.at(-1)).toMatchObject({ type: 'call.allowed', reporter: S })
    expect((await send({ events: [event] }, AS_RS2)).status).toBe(403)
    expect((await send({ events: [event] }, AS_A)).status).toBe(401)
  })
})

describe('what an issuer withdraws', () => {
  const withdrawal = { issuer: IDP, cutoff: NOW, reason: 'left', eventId: 'e-left' }
  const alice = 'alice' as Subject

  test('ends the tokens of the person and refuses grants from before, not those from after', async () => {
    const served = serve()
    const { server, clock } = served
    const token = String((await redeemAt(served, idJag())).body.access_token)
    const introspect = async () => {
      const asked = post(
        new URLSearchParams({ token }).toString(),
        { authorization: AS_RS },
        `${server.issuer}/introspect`,
      )
      return (await answered(await server.fetch(asked))).body.active
    }
    expect(await introspect()).toBe(true)
    const onItsWay = idJag()
    await server.applyIssuerRevocation({ ...withdrawal, subject: alice })
    expect(await introspect()).toBe(false)
    expect((await redeemAt(served, onItsWay)).body.carnet_reason).toBe('assertion.revoked')
    clock.advance(1)
    expect((await redeemAt(served, idJag({ iat: NOW + 1 }))).status).toBe(200)
  })

  test('refuses the first grant of a person who has no account yet', async () => {
    const subjects = { byExternalId: false, createAccounts: true }
    const served = serve({ linkAlice: false, trust: [{ ...trustIdp, subjects }] })
    await served.server.applyIssuerRevocation({ ...withdrawal, subject: alice })
    expect((await redeemAt(served, idJag())).body.carnet_reason).toBe('assertion.revoked')
  })

  test('heard late, still ends what was issued here for a grant from before', async () => {
    const served = serve()
    served.clock.advance(10)
    await redeemAt(served, idJag())
    await redeemAt(served, idJag({ iat: NOW + 5 }))
    await served.server.applyIssuerRevocation({ ...withdrawal, subject: alice })
    const records = await served.stores.revocations.log.after(0, 100)
    const ended = records.flatMap(({ target }) => (target.kind === 'token' ? [target.token] : []))
    const [first, second] = await served.stores.tokens.find({ tenant: trustIdp.tenant, account: ALICE }, NOW)
    expect(ended).toEqual([first?.id])
    expect(second?.id).toBeDefined()
  })

  test('is applied once, however often it arrives', async () => {
    const served = serve()
    for (let n = 0; n < 3; n++)
      await served.server.applyIssuerRevocation({ ...withdrawal, session: 'session-1' as SessionId })
    expect(await served.stores.revocations.log.after(0, 100)).toHaveLength(1)
    expect((await redeemAt(served, idJag())).body.carnet_reason).toBe('assertion.revoked')
  })

  test('from an issuer that is not trusted ends nothing', async () => {
    const served = serve()
    await served.server.applyIssuerRevocation({ ...withdrawal, issuer: `${IDP}/` as IssuerId, subject: alice })
    expect(await served.stores.revocations.log.after(0, 100)).toEqual([])
    expect((await redeemAt(served, idJag())).status).toBe(200)
  })

  proves('REV-05', 'finds the living tokens by each of the keys', async () => {
    const served = serve()
    await redeemAt(served, idJag({ jti: 'rev-05' }))
    await redeemAt(served, idJag({ sid: 'session-2' }))
    const { tenant } = trustIdp
    const grant = 'rev-05' as TokenId
    const byGrant = await served.stores.tokens.find({ tenant, issuer: IDP, grant }, NOW)
    expect(byGrant).toMatchObject([{ account: ALICE, client: A, issuer: IDP, subject: alice, session: 'session-1' }])
    expect(await served.stores.tokens.find({ tenant, account: ALICE }, NOW)).toHaveLength(2)
  })
})

/** The two halves of the token endpoint, ours and `oidc-provider`'s, must not disagree about who is asking. */
import { Fault, ID_JAG_JWT_TYPE, type KeyId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { findTokenText } from '@carnet/testing'
import { signJwt } from '@carnet/tokens'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from './oidc-browser.ts'
import {
  asClient,
  authorize,
  CALLBACK,
  callbackOf,
  exchangeForm,
  post,
  type Reply,
  redeem,
  SECRET,
  SECRET_B,
  signIn,
  startWorld,
  type Tokens,
  tokensOf,
  type World,
} from './oidc-fixture.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
let serial = 0

function clientAssertion(changes: Record<string, unknown> = {}, typ = 'JWT', key = world.assertionKey): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'keyed', sub: 'keyed', aud: world.issuer, jti: `jti-${serial++}`, iat: now, exp: now + 60 }
  return signJwt({ ...claims, ...changes }, { typ, key })
}

const byAssertion = (assertion: string, more: Record<string, string> = {}) => ({
  form: { client_assertion: assertion, client_assertion_type: ASSERTION_TYPE, ...more },
  headers: {},
})

interface Credentials {
  readonly form?: Record<string, string>
  readonly headers: Record<string, string>
}

/** What a client may present, the right and the wrong; each is made anew for each endpoint. */
const CASES: readonly [what: string, client: string, present: () => Credentials][] = [
  ['Basic', 'a', () => ({ headers: asClient('a') })],
  ['Basic with a lower-case scheme', 'a', () => ({ headers: lowerCaseScheme(asClient('a')) })],
  ['Basic, and its own id in the body', 'a', () => ({ headers: asClient('a'), form: { client_id: 'a' } })],
  ['Basic, and another id in the body', 'a', () => ({ headers: asClient('a'), form: { client_id: 'b' } })],
  ['Basic with a wrong secret', 'a', () => ({ headers: asClient('a', 'wrong') })],
  ['Basic with the secret of another', 'a', () => ({ headers: asClient('a', SECRET_B) })],
  ['Basic without a secret', 'a', () => ({ headers: asClient('a', '') })],
  ['Basic that is not base64', 'a', () => ({ headers: { authorization: 'Basic !!!' } })],
  ['another scheme', 'a', () => ({ headers: { authorization: 'Bearer abc' } })],
  ['the body', 'a', () => ({ headers: {}, form: { client_id: 'a', client_secret: SECRET } })],
  ['the body with a wrong secret', 'a', () => ({ headers: {}, form: { client_id: 'a', client_secret: 'wrong' } })],
  ['Basic and the body', 'a', () => ({ headers: asClient('a'), form: { client_id: 'a', client_secret: SECRET } })],
  ['an id only', 'a', () => ({ headers: {}, form: { client_id: 'a' } })],
  ['nothing', 'a', () => ({ headers: {} })],
  ['an unknown client', 'a', () => ({ headers: asClient('nobody') })],
  ['a disabled client', 'disabled', () => ({ headers: asClient('disabled') })],
  ['a public client', 'public', () => ({ headers: {}, form: { client_id: 'public' } })],
  ['a public client that is an exception', 'exception', () => ({ headers: {}, form: { client_id: 'exception' } })],
  ['a client assertion', 'keyed', () => byAssertion(clientAssertion())],
  ['a client assertion, and the id', 'keyed', () => byAssertion(clientAssertion(), { client_id: 'keyed' })],
  ['a client assertion, and another id', 'keyed', () => byAssertion(clientAssertion(), { client_id: 'a' })],
  [
    'a client assertion for the token URL',
    'keyed',
    () => byAssertion(clientAssertion({ aud: `${world.issuer}/token` })),
  ],
  ['a client assertion in one-element form', 'keyed', () => byAssertion(clientAssertion({ aud: [world.issuer] }))],
  ['a client assertion for two', 'keyed', () => byAssertion(clientAssertion({ aud: [world.issuer, 'x'] }))],
  [
    'a client assertion that is too long-lived',
    'keyed',
    () => byAssertion(clientAssertion({ exp: Date.now() / 1e3 + 9e3 })),
  ],
  ['a client assertion that has expired', 'keyed', () => byAssertion(clientAssertion({ exp: 1 }))],
  ['a client assertion without an id', 'keyed', () => byAssertion(clientAssertion({ jti: undefined }))],
  ['a client assertion of another kind', 'keyed', () => byAssertion(clientAssertion({}, ID_JAG_JWT_TYPE))],
  [
    'a client assertion of another key',
    'keyed',
    () => byAssertion(clientAssertion({}, 'JWT', { ...world.assertionKey, kid: 'other' as KeyId })),
  ],
  ['a client assertion that is none', 'keyed', () => byAssertion('no.jwt.atall')],
  [
    'a client assertion of no known type',
    'keyed',
    () => byAssertion(clientAssertion(), { client_assertion_type: 'x' }),
  ],
  ['a client assertion of a secret client', 'a', () => byAssertion(clientAssertion({ iss: 'a', sub: 'a' }))],
  ['a secret of a client that has a key', 'keyed', () => ({ headers: asClient('keyed') })],
]

function lowerCaseScheme({ authorization = '' }: Record<string, string>): Record<string, string> {
  return { authorization: authorization.replace('Basic', 'basic') }
}

/** Everything a client could tell two answers apart by, apart from what each endpoint is for. */
function whoIsAsking({ status, headers, json }: Reply): unknown {
  const { error, error_description: description } = json
  if (status === 200 || error === 'invalid_grant' || error === 'unauthorized_client') return 'authenticated'
  return { status, error, description, challenge: headers.get('www-authenticate'), store: headers.get('cache-control') }
}

describe('every way to authenticate', () => {
  const verdicts = new Map<string, unknown>()
  for (const [what, , present] of CASES) {
    test(`${what}: the same answer from the exchange, the refresh grant, the code grant and revocation`, async () => {
      const answers: unknown[] = []
      for (const [path, form] of [
        ['/token', exchangeForm('no-token')],
        ['/token', { grant_type: 'refresh_token', refresh_token: 'no-token' }],
        ['/token', { grant_type: 'authorization_code', code: 'no-code', redirect_uri: CALLBACK, code_verifier: 'x' }],
        ['/revoke', { token: 'no-token' }],
      ] as const) {
        const { form: credentials = {}, headers } = present()
        answers.push(whoIsAsking(await post(world, path, { ...form, ...credentials }, headers)))
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size, JSON.stringify(answers)).toBe(1)
      verdicts.set(what, answers[0])
    })
  }

  test('some are let in, some are not, and a refusal does not say why', () => {
    const admitted = CASES.map(([what]) => what).filter((what) => verdicts.get(what) === 'authenticated')
    expect(admitted).toEqual([
      'Basic',
      'Basic with a lower-case scheme',
      'Basic, and its own id in the body',
      'the body',
      'a public client that is an exception',
      'a client assertion',
      'a client assertion, and the id',
      'a client assertion in one-element form',
    ])
    const bodies = [...verdicts.values()]
      .filter((verdict) => verdict !== 'authenticated')
      .map((verdict) => JSON.stringify(verdict))
    // Malformed, not authenticated, and not authenticated after Basic was tried.
    expect(new Set(bodies).size).toBe(3)
  })
})

proves(['IDP-16', 'THR-01'], 'a client assertion used at the refresh grant is used up at the exchange', async () => {
  const tokens = await signedInKeyed()
  const { form, headers } = byAssertion(clientAssertion())
  const first = await post(
    world,
    '/token',
    { grant_type: 'refresh_token', refresh_token: tokens.refreshToken, ...form },
    headers,
  )
  expect(first.status).toBe(200)
  const second = await post(world, '/token', { ...exchangeForm(String(first.json.id_token)), ...form }, headers)
  expect(second).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
})

proves(['IDP-16', 'THR-01'], 'a client assertion used at the exchange is used up at the refresh grant', async () => {
  const tokens = await signedInKeyed()
  const { form, headers } = byAssertion(clientAssertion())
  const first = await post(world, '/token', { ...exchangeForm(tokens.idToken), ...form }, headers)
  expect(first.status).toBe(200)
  const second = await post(
    world,
    '/token',
    { grant_type: 'refresh_token', refresh_token: tokens.refreshToken, ...form },
    headers,
  )
  expect(second).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
})

async function signedInKeyed(): Promise<Tokens> {
  const visit = await authorize(world, new Browser(), { client_id: 'keyed', scope: 'openid offline_access' })
  const { form, headers } = byAssertion(clientAssertion())
  return tokensOf(await redeem(world, callbackOf(visit).get('code'), form, headers))
}

describe('grant types', () => {
  for (const grantType of [
    'password',
    'client_credentials',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
  ]) {
    proves('IDP-01', `${grantType} is not supported`, async () => {
      const reply = await post(world, '/token', { grant_type: grantType, username: 'alice', password: 'correct horse' })
      expect(reply).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type', txn: expect.any(String) } })
    })
  }

  proves('IDP-44', 'the issuer does not redeem its own ID-JAG', async () => {
    const { idToken } = await signIn(world)
    const { json } = await post(world, '/token', exchangeForm(idToken))
    const reply = await post(world, '/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: String(json.access_token),
    })
    expect(reply).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } })
  })

  test('one the client is not registered for is refused by name', async () => {
    const reply = await post(
      world,
      '/token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      asClient('no-refresh'),
    )
    expect(reply).toMatchObject({
      status: 400,
      json: { error: 'unauthorized_client', carnet_reason: 'client.grant-not-allowed' },
    })
  })
})

describe('bad requests', () => {
  proves(['IDP-10', 'IDP-11'], 'are answered the same on every grant', async () => {
    const get = await fetch(`${world.issuer}/token`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    const json = await fetch(`${world.issuer}/token`, {
      method: 'POST',
      body: '{}',
      headers: { ...asClient('a'), 'content-type': 'application/json' },
    })
    expect(json.status).toBe(400)
    const twice = await fetch(`${world.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams([
        ['grant_type', 'refresh_token'],
        ['refresh_token', 'x'],
        ['refresh_token', 'y'],
      ]),
      headers: asClient('a'),
    })
    expect([twice.status, ((await twice.json()) as { error: string }).error]).toEqual([400, 'invalid_request'])
  })

  test('a body over the limit is refused before it is read to the end', async () => {
    const reply = await fetch(`${world.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x'.repeat(70_000) }),
      headers: asClient('a'),
    })
    expect(reply.status).toBe(413)
  })

  test('every refusal is on record with the txn the client was told, and holds no token', async () => {
    const before = world.events.length
    const { refreshToken = '' } = await signIn(world, { scope: 'openid offline_access' })
    const replies = [
      await post(world, '/token', { grant_type: 'refresh_token', refresh_token: `${refreshToken}x` }),
      await post(world, '/token', { grant_type: 'refresh_token' }),
      await post(world, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, asClient('a', 'wrong')),
      await post(world, '/token', { grant_type: 'x' }),
      await post(world, '/revoke', {}),
    ]
    const events = world.events.slice(before)
    expect(
      replies.map(({ json: { txn } }) => events.filter((event) => event.txn === txn).map(({ type }) => type)),
    ).toEqual([
      ['session.refused'],
      ['request.malformed'],
      ['client-authentication.refused'],
      ['session.refused'],
      ['request.malformed'],
    ])
    expect(findTokenText(JSON.stringify(events))).toEqual([])
    expect(JSON.stringify(events)).not.toContain(refreshToken)
  })
})

describe('when something of ours is down', () => {
  proves(['IDP-46', 'THR-16'], 'nobody is blamed, nothing is handed out, and nothing is told', async () => {
    const { refreshToken, idToken } = await signIn(world, { scope: 'openid offline_access' })
    world.broken.records = new Fault('store-unavailable', 'the database is away')
    try {
      const reply = await post(world, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken })
      expect(reply).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable', txn: expect.any(String) } })
      expect(reply.headers.get('retry-after')).toEqual(expect.any(String))
      expect(JSON.stringify(reply.json)).not.toContain('database')
      const page = await fetch(`${world.issuer}/authorize?client_id=a`, { redirect: 'manual' })
      expect([page.status < 500, page.headers.get('location')]).toEqual([true, null])
    } finally {
      world.broken.records = undefined
    }
    const failed = world.events.filter(({ type }) => type === 'dependency.failed')
    expect(failed).toContainEqual(expect.objectContaining({ outcome: 'failed', reason: 'store-unavailable' }))
    expect((await post(world, '/token', exchangeForm(idToken))).status).toBe(200)
  })

  test('tokens are not handed out where the event cannot be kept', async () => {
    const code = callbackOf(await authorize(world, new Browser())).get('code')
    world.broken.events = new Fault('audit-unavailable', 'the audit log is away')
    try {
      const reply = await redeem(world, code)
      expect(reply).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } })
      expect(reply.json).not.toHaveProperty('id_token')
    } finally {
      world.broken.events = undefined
    }
  })
})

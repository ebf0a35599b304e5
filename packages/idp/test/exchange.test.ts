/** The token exchange over real HTTP, row by row of requirements §1.2: `tx` is the valid request, each case one change. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ACCESS_TOKEN_TYPE,
  CLIENT_ASSERTION_TYPE,
  type ClientId,
  type EpochSeconds,
  ID_JAG_TOKEN_TYPE,
  ID_TOKEN_TYPE,
  JWT_BEARER_GRANT,
  OFFLINE_ACCESS,
  REFRESH_TOKEN_TYPE,
  SOLE_TENANT,
} from '@carnet/protocol'
import type { RequirementId } from '@carnet/requirements'
import { proves } from '@carnet/requirements/vitest'
import { findTokenText, NOW } from '@carnet/testing'
import { hashSecret, signJwt, verifySignature } from '@carnet/tokens'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handleClientEndpoint } from '../src/oidc/token-endpoint.ts'
import {
  A,
  ADMIN,
  alice,
  authorizationServer,
  B,
  basic,
  bob,
  body,
  byRefreshToken,
  carol,
  client,
  clientKey,
  decider,
  es256,
  I,
  idToken,
  idTokenOf,
  server as mcpServer,
  P,
  type Parameters,
  publicClient,
  R,
  READ,
  registry,
  S,
  S2,
  SB,
  SECRET_A,
  SECRET_B,
  signIn,
  strangersKey,
  tx,
  type World,
  WRITE,
  withClient,
  world,
} from './exchange-fixture.ts'

let at: World
let http: Server

beforeEach(async () => {
  at = world()
  http = createServer((request, response) => {
    const forward = () => response.writeHead(501).end()
    void handleClientEndpoint('token', request, response, { ...at.context, sourceOf: () => '192.0.2.1', forward })
  })
  await once(http.listen(0, '127.0.0.1'), 'listening')
})

afterEach(() => {
  http.closeAllConnections()
  http.close()
})

interface Sent {
  readonly authorization?: string | undefined
  readonly contentType?: string
  readonly method?: string
}

const FORM = 'application/x-www-form-urlencoded'
const AS_A = basic(A, SECRET_A)

async function send(text: string | undefined, { contentType = FORM, method = 'POST', ...more }: Sent = {}) {
  const authorization = 'authorization' in more ? more.authorization : AS_A
  const { port } = http.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/token`, {
    method,
    headers: { 'content-type': contentType, ...(authorization !== undefined && { authorization }) },
    ...(text !== undefined && { body: text }),
  })
  const raw = await response.text()
  const json = raw === '' ? {} : (JSON.parse(raw) as Record<string, unknown>)
  return { status: response.status, headers: response.headers, raw, json }
}

async function exchange(change: Parameters = {}, sent: Sent = {}) {
  return send(body(tx(change)), sent)
}

function claimsIn(json: Record<string, unknown>): Record<string, unknown> {
  const payload = verifySignature(String(json.access_token), es256)
  if (!payload.ok) throw new Error(payload.refusal.reason)
  return payload.value
}

async function granted(change: Parameters = {}, sent: Sent = {}) {
  const { status, json } = await exchange(change, sent)
  expect(json).toMatchObject({ issued_token_type: ID_JAG_TOKEN_TYPE })
  expect(status).toBe(200)
  return claimsIn(json)
}

/** What every refusal must be like, besides its code. */
function expectRefusal(answer: Awaited<ReturnType<typeof send>>, status: number, error: string) {
  expect([answer.status, answer.json.error]).toEqual([status, error])
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.json).not.toHaveProperty('access_token')
  expect(at.events).toHaveLength(1)
  expect(at.events[0]).toMatchObject({ outcome: 'refused', reporter: I, at: NOW, txn: answer.json.txn })
  expect(findTokenText(JSON.stringify([at.events, at.logged]), [SECRET_A, SECRET_B])).toEqual([])
}

const wrongTypes = [undefined, ACCESS_TOKEN_TYPE, REFRESH_TOKEN_TYPE]
type Row = readonly [RequirementId, string, Parameters, number, string, Sent?]
const rows: readonly Row[] = [
  ...wrongTypes.map(
    (type): Row => ['IDP-12', `asks for ${type}`, { requested_token_type: type }, 400, 'invalid_request'],
  ),
  ['IDP-13', 'names no audience', { audience: undefined }, 400, 'invalid_request'],
  ['IDP-13', 'names an unknown audience', { audience: 'https://nobody.test' }, 400, 'invalid_target'],
  ['IDP-13', 'names two audiences', { audience: [R, 'https://auth.wiki.test'] }, 400, 'invalid_target'],
  ['IDP-14', 'names an alias that is not configured', { audience: 'urn:acme:chat' }, 400, 'invalid_target'],
  ['IDP-15', 'has no credentials', {}, 401, 'invalid_client', { authorization: undefined }],
  ['IDP-15', 'comes from a public client', { client_id: P }, 401, 'invalid_client', { authorization: undefined }],
  ['IDP-18', 'has an expired ID Token', { subject_token: idToken({ exp: NOW - 60 }) }, 400, 'invalid_grant'],
  ['IDP-18', 'has a stranger’s ID Token', { subject_token: idToken({}, { key: strangersKey }) }, 400, 'invalid_grant'],
  ['IDP-18', 'has an ID-JAG', { subject_token: idToken({}, { typ: 'oauth-id-jag+jwt' }) }, 400, 'invalid_grant'],
  ['IDP-20', 'is for a disabled person', { subject_token: idTokenOf(carol) }, 400, 'invalid_grant'],
  ['IDP-20', 'follows a logout', { subject_token: idToken({ sid: 'sid-over' }) }, 400, 'invalid_grant'],
  ['IDP-21', 'has an unknown refresh token', byRefreshToken('revoked'), 400, 'invalid_grant'],
  ['IDP-21', 'has another client’s refresh token', byRefreshToken('refresh-of-B'), 400, 'invalid_grant'],
  ['IDP-24', 'presents an access token', { subject_token_type: ACCESS_TOKEN_TYPE }, 400, 'invalid_request'],
  ['IDP-24', 'calls an ID Token a refresh token', { subject_token_type: REFRESH_TOKEN_TYPE }, 400, 'invalid_grant'],
  ['IDP-24', 'calls a refresh token an ID Token', { subject_token: 'refresh-of-A' }, 400, 'invalid_grant'],
  ['IDP-25', 'names an actor', { actor_token: 'x', actor_token_type: ID_TOKEN_TYPE }, 400, 'invalid_request'],
  ['IDP-25', 'names the type of no actor', { actor_token_type: ID_TOKEN_TYPE }, 400, 'invalid_request'],
  ['IDP-26', 'is for a person policy does not allow', { subject_token: idTokenOf(bob) }, 400, 'access_denied'],
  ['IDP-27', 'pairs an audience with another’s resource', { resource: S2 }, 400, 'invalid_target'],
  ['IDP-28', 'names a resource without scheme', { resource: 'mcp.chat.test/mcp' }, 400, 'invalid_target'],
  ['IDP-28', 'names a resource with a fragment', { resource: `${S}#x` }, 400, 'invalid_target'],
  ['IDP-29', 'names no resource where several fit', { resource: undefined }, 400, 'invalid_target'],
  ['IDP-29', 'names two resources', { resource: [S, SB] }, 400, 'invalid_target'],
  ['IDP-30', 'asks for nothing policy allows', { scope: ADMIN }, 400, 'invalid_scope'],
  ['IDP-30', 'asks for a malformed scope', { scope: 'chat.read  x' }, 400, 'invalid_scope'],
  ['IDP-36', 'spells the audience with a slash', { audience: `${R}/` }, 400, 'invalid_target'],
  ['IDP-44', 'names the issuer itself as audience', { audience: I }, 400, 'invalid_target'],
  ['IDP-44', 'redeems at the issuer', { grant_type: JWT_BEARER_GRANT }, 400, 'unsupported_grant_type'],
  ['RAS-05', 'uses two mechanisms', { client_id: A, client_secret: SECRET_A }, 400, 'invalid_request'],
  ['RAS-05', 'names another client in the body', { client_id: B }, 400, 'invalid_request'],
]

for (const [requirement, fault, change, status, error, sent] of rows) {
  proves(requirement, `refuses an exchange that ${fault}`, async () => {
    expectRefusal(await exchange(change, sent), status, error)
  })
}

describe('request', () => {
  proves('IDP-10', 'takes POST only', async () => {
    const { status, headers } = await send(undefined, { method: 'GET' })
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  })

  proves('IDP-10', 'takes a form only', async () => {
    expectRefusal(await send(JSON.stringify(tx()), { contentType: 'application/json' }), 400, 'invalid_request')
  })

  proves('IDP-11', 'refuses a repeated parameter', async () => {
    expectRefusal(await send(`${body(tx())}&scope=${WRITE}`), 400, 'invalid_request')
  })

  proves('IDP-11', 'ignores what it does not know, and takes empty for absent', async () => {
    expect(await granted({ foo: '1', actor_token: '' })).toMatchObject({ resource: S })
  })

  proves('IDP-47', 'turns garbage away after a while, and records it without a flood', async () => {
    const garbage = { contentType: 'application/json' }
    const answers: number[] = []
    for (let attempt = 0; attempt < 50; attempt++) answers.push((await send('{}', garbage)).status)
    expect(new Set(answers.slice(0, 40))).toEqual(new Set([400]))
    expect(new Set(answers.slice(40))).toEqual(new Set([429]))
    expect(at.events).toHaveLength(41)
    expect(at.events.at(-1)).toMatchObject({ type: 'request.rate-limited', details: { count: 1 } })
    expect((await exchange()).status).toBe(200)
  })

  proves('THR-15', 'turns a body over the limit away', async () => {
    const answer = await send(`${body(tx())}&x=${'x'.repeat(64 * 1024)}`)
    expectRefusal(answer, 413, 'invalid_request')
  })
})

describe('client', () => {
  proves('IDP-15', 'lets a named public client through and puts every use on record', async () => {
    at.registry = withClient(publicClient({ publicException: true }))
    const asP = { client_id: P, subject_token: idTokenOf(alice, P) }
    expect(await granted(asP, { authorization: undefined })).toMatchObject({ client_id: `${P}@r` })
    expect(at.events.map(({ type, client }) => [type, client])).toEqual([
      ['client.public-exception-used', P],
      ['grant.issued', P],
    ])
  })

  proves('IDP-17', 'takes old and new secret in the overlap of a rotation, and only the new one after it', async () => {
    const until = (NOW + 10) as EpochSeconds
    const secrets = [
      { sha256: hashSecret('brand-new'), until: undefined },
      { sha256: hashSecret(SECRET_A), until },
    ]
    at.registry = withClient(client(A, { secrets }))
    expect((await exchange()).status).toBe(200)
    expect((await exchange({}, { authorization: basic(A, 'brand-new') })).status).toBe(200)
    at.clock.set(until)
    expect((await exchange()).status).toBe(401)
    expect((await exchange({}, { authorization: basic(A, 'brand-new') })).status).toBe(200)
  })

  const assertion = (claims: object = {}, typ: string | undefined = 'JWT') => ({
    client_assertion_type: CLIENT_ASSERTION_TYPE,
    client_assertion: signJwt(
      { iss: A, sub: A, aud: I, jti: 'once', iat: NOW, exp: NOW + 60, ...claims },
      { typ: typ as string, key: clientKey },
    ),
  })
  const bare = { authorization: undefined }

  proves('IDP-16', 'takes a client assertion once, whatever else the request says', async () => {
    expect((await exchange(assertion(), bare)).status).toBe(200)
    expect((await exchange(assertion(), bare)).status).toBe(401)
    expect((await exchange(assertion({ jti: 'another' }, undefined), bare)).status).toBe(200)
  })

  proves('IDP-16', 'refuses a client assertion for the token endpoint', async () => {
    expectRefusal(await exchange(assertion({ aud: `${I}/token` }), bare), 401, 'invalid_client')
  })

  proves('IDP-20', 'refuses a disabled client', async () => {
    at.registry = withClient(client(A, { enabled: false }))
    const answer = await exchange()
    expectRefusal(answer, 401, 'invalid_client')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
  })

  test('refuses a client that did not register the grant', async () => {
    at.registry = withClient(client(A, { grantTypes: ['authorization_code'] }))
    expectRefusal(await exchange(), 400, 'unauthorized_client')
  })

  proves('THR-18', 'answers an unknown client and a wrong secret alike', async () => {
    const answers = [basic('nobody', SECRET_A), basic(A, 'wrong')].map((authorization) =>
      exchange({}, { authorization }),
    )
    const [unknown, wrong] = (await Promise.all(answers)).map(({ status, headers, json }) => {
      const { txn: _, ...rest } = json
      return { status, challenge: headers.get('www-authenticate'), rest }
    })
    expect(unknown).toEqual(wrong)
    expect(unknown).toMatchObject({ status: 401, rest: { error: 'invalid_client' } })
  })

  proves('IDP-47', 'answers 429 with Retry-After to fifty bad secrets, and records them without a flood', async () => {
    const answers: number[] = []
    for (let attempt = 0; attempt < 50; attempt++) {
      answers.push((await exchange({}, { authorization: basic(A, `guess-${attempt}`) })).status)
    }
    const throttled = await exchange()
    expect(answers.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 401))
    expect(throttled.status).toBe(429)
    expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(throttled.json).toMatchObject({ error: 'temporarily_unavailable' })
    expect(at.events).toHaveLength(41)
    at.clock.advance(Number(throttled.headers.get('retry-after')))
    expect((await exchange()).status).toBe(200)
  })

  proves('IDP-19', 'refuses A’s ID Token from B, and A can still use it', async () => {
    expectRefusal(await exchange({}, { authorization: basic(B, SECRET_B) }), 400, 'invalid_grant')
    expect((await exchange()).status).toBe(200)
  })
})

describe('subject', () => {
  proves('IDP-21', 'takes a refresh token of this client', async () => {
    expect(await granted(byRefreshToken('refresh-of-A'))).toMatchObject({ sub: alice.id, auth_time: NOW - 600 })
  })

  proves('IDP-23', 'neither consumes a refresh token nor hands one out', async () => {
    for (const _ of [1, 2]) {
      const { status, json } = await exchange(byRefreshToken('refresh-of-A'))
      expect(status).toBe(200)
      expect(json).not.toHaveProperty('refresh_token')
    }
  })

  proves('IDP-22', 'goes by the groups of today', async () => {
    const both = { ...byRefreshToken('refresh-of-A'), scope: `${READ} ${ADMIN}` }
    at.people.set(alice.id, { ...alice, groups: ['engineering', 'writers'] })
    expect(await granted(both)).toMatchObject({ scope: `${READ} ${ADMIN}` })
    at.people.set(alice.id, alice)
    expect(await granted(both)).toMatchObject({ scope: READ })
  })

  proves('IDP-20', 'refuses the next exchange of a person who is disabled now', async () => {
    expect((await exchange()).status).toBe(200)
    at.people.set(alice.id, { ...alice, active: false })
    expect((await exchange()).json).toMatchObject({
      error: 'invalid_grant',
      carnet_reason: 'subject-token.person-inactive',
    })
  })
})

describe('a cut-off during the exchange', () => {
  proves('IDP-20', 'leaves the caller without the grant that was about to be put on record', async () => {
    const { commit } = at.context.grants
    const withdrawnMeanwhile: typeof commit = async (grant) => {
      at.revocations.apply({
        seq: 1,
        id: 'revocation',
        tenant: SOLE_TENANT,
        target: { kind: 'subject', subject: alice.id },
        cutoff: NOW,
        expiresAt: (NOW + 3600) as EpochSeconds,
        reason: 'person-disabled',
        eventId: 'event',
      })
      return commit(grant)
    }
    at = { ...at, context: { ...at.context, grants: { commit: withdrawnMeanwhile } } }
    const { json } = await exchange()
    expect(json).toMatchObject({ error: 'invalid_grant', carnet_reason: 'subject-token.session-ended' })
    expect(json).not.toHaveProperty('access_token')
    expect(at.events.map(({ type }) => type)).toEqual(['grant.refused'])
  })
})

describe('target', () => {
  proves('IDP-14', 'resolves an alias where one is configured', async () => {
    at.registry = registry({ authorizationServers: [authorizationServer({ aliases: ['urn:acme:chat'] })] })
    expect(await granted({ audience: 'urn:acme:chat' })).toMatchObject({ aud: R })
  })

  proves('IDP-36', 'understands a slash where that is configured, and emits the issuer as registered', async () => {
    at.registry = registry({ authorizationServers: [authorizationServer({ acceptsSlashVariant: true })] })
    expect(await granted({ audience: `${R}/` })).toMatchObject({ aud: R })
  })

  proves('IDP-28', 'tolerates host case and a slash, and emits the registered spelling', async () => {
    expect(await granted({ resource: 'https://MCP.chat.test/mcp/' })).toMatchObject({ resource: S })
  })

  proves('IDP-29', 'takes the only resource of an audience as default', async () => {
    at.registry = registry({ servers: [mcpServer()] })
    expect(await granted({ resource: undefined })).toMatchObject({ resource: S })
  })

  proves('IDP-37a', 'names the client by its id at that server, and refuses one that has none', async () => {
    expect(await granted()).toMatchObject({ client_id: `${A}@r` })
    at.registry = withClient(client(A, { registrations: {} }))
    expect((await exchange()).json).toMatchObject({
      error: 'invalid_target',
      carnet_reason: 'target.client-not-mapped',
    })
  })
})

describe('policy', () => {
  proves('IDP-26', 'denies everything while there is no policy', async () => {
    at.decider = decider('')
    const answer = await exchange()
    expectRefusal(answer, 400, 'access_denied')
    expect(answer.json).toMatchObject({
      carnet_reason: 'policy.no-matching-rule',
      error_uri: `${I}/why/${answer.json.txn}`,
    })
  })

  proves('IDP-30', 'grants the allowed part and names the rest', async () => {
    const { json } = await exchange({ scope: `${READ} ${ADMIN} openid ${OFFLINE_ACCESS}` })
    expect(json).toMatchObject({
      scope: READ,
      carnet_dropped_scopes: [
        { scope: 'openid', reason: 'scope.unknown' },
        { scope: OFFLINE_ACCESS, reason: 'scope.unknown' },
        { scope: ADMIN, reason: 'policy.no-matching-rule' },
      ],
    })
    expect(claimsIn(json).scope).toBe(READ)
  })

  proves('IDP-30', 'grants what policy gives where no scope is asked for', async () => {
    const { json } = await exchange({ scope: undefined })
    expect(json.scope).toBe(`${READ} ${WRITE}`)
    expect(json).not.toHaveProperty('carnet_dropped_scopes')
  })
})

describe('answer', () => {
  proves(['IDP-33', 'IDP-39'], 'answers exactly what was granted', async () => {
    const { headers, json } = await exchange()
    const { exp, iat, resource, scope, txn } = claimsIn(json)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toEqual({
      issued_token_type: ID_JAG_TOKEN_TYPE,
      access_token: expect.any(String),
      token_type: 'N_A',
      expires_in: Number(exp) - Number(iat),
      scope,
      resource,
      txn,
    })
    expect([resource, scope]).toEqual([S, READ])
  })

  proves('IDP-40', 'ends with the session', async () => {
    const { json } = await exchange({ subject_token: idToken({ sid: 'sid-brief' }) })
    expect(json.expires_in).toBe(60)
    expect(claimsIn(json).exp).toBe(NOW + 60)
  })

  proves('IDP-46', 'records an issued grant by jti, with what led to it and no token text', async () => {
    const { raw, json } = await exchange()
    expect(at.events).toEqual([
      {
        type: 'grant.issued',
        outcome: 'success',
        reporter: I,
        at: NOW,
        txn: json.txn,
        client: A,
        session: signIn(alice, A).sid,
        person: alice.id,
        subject: alice.id,
        causes: ['event-of-alice'],
        audience: R,
        resource: S,
        requestedScopes: [READ],
        grantedScopes: [READ],
        tokenId: claimsIn(json).jti,
        rule: 'engineers-chat',
        policyVersion: 'policy-7',
        details: { lifetime_seconds: 300 },
      },
    ])
    expect(findTokenText(raw)).not.toEqual([])
    expect(findTokenText(JSON.stringify([at.events, at.logged]), [SECRET_A])).toEqual([])
  })

  proves('IDP-46', 'keeps tokens that were sent in the wrong place out of the log', async () => {
    const token = idToken()
    await exchange({ scope: token })
    await exchange({ audience: token, resource: token })
    await exchange({ subject_token_type: token })
    await exchange({ client_id: token }, { authorization: undefined })
    await exchange({ client_id: SECRET_A }, { authorization: basic(token, 'x') })
    expect(at.events).toHaveLength(5)
    expect(findTokenText(JSON.stringify([at.events, at.logged]), [token])).toEqual([])
  })

  proves('IDP-46', 'records which target was asked for, without what follows a question mark', async () => {
    await exchange({ audience: 'https://nobody.test/a?access_token=1234567890', resource: `${S}#x` })
    expect(at.events).toMatchObject([
      { reason: 'unknown-audience', details: { audience: ['"https://nobody.test/a"'], resource: [`"${S}"`] } },
    ])
  })

  proves('THR-16', 'writes a hostile client id as one escaped line', async () => {
    await exchange({ client_id: 'a\r\nlevel=admin' as ClientId }, { authorization: undefined })
    expect(at.events[0]?.details?.claimed_client).toBe(JSON.stringify('a\r\nlevel=admin'))
  })
})

describe('what is down', () => {
  const faults = [
    ['the directory', { people: 'store-unavailable' }],
    ['the signing keys', { keys: 'keys-unavailable' }],
  ] as const

  for (const [what, down] of faults) {
    test(`${what}: 503, nothing issued, on record`, async () => {
      Object.assign(at.down, down)
      const answer = await exchange()
      expect(answer.status).toBe(503)
      expect(answer.json).toMatchObject({ error: 'temporarily_unavailable' })
      expect(answer.headers.get('retry-after')).toBe('5')
      expect(at.events).toMatchObject([{ type: 'dependency.failed', outcome: 'failed', txn: answer.json.txn }])
    })
  }

  test('the audit log: 503 and no ID-JAG, because nobody would know of it', async () => {
    at.down.events = 'audit-unavailable'
    const answer = await exchange()
    expect(answer.status).toBe(503)
    expect(findTokenText(answer.raw)).toEqual([])
    at.down.events = undefined as never
    expect((await exchange()).status).toBe(200)
  })

  test('a bug: 500, nothing issued', async () => {
    at.signIns.get = () => {
      throw new TypeError('impossible')
    }
    expect(await exchange()).toMatchObject({ status: 500, json: { error: 'server_error' } })
  })
})

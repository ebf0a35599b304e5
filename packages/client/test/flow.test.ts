/** The whole client against real HTTP on loopback: what it sends, to whom, and what it tells its caller. */
import { Hidden } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CarnetClient, CarnetClientError, type ClientConfig, createClient, memoryStore } from '../src/index.ts'
import { type Company, oauthError } from './fixture/company.ts'
import { companyOnLoopback, type Listening } from './fixture/on-loopback.ts'
import { configFor } from './fixture/settings.ts'

let listening: Listening
let company: Company
let opened: string[]

beforeEach(async () => {
  listening = await companyOnLoopback()
  company = listening.company
  opened = []
})
afterEach(() => listening.close())

function clientWith(change: Partial<ClientConfig> = {}): CarnetClient {
  const { http: _, ...config } = configFor(company)
  const openBrowser = async (url: string) => {
    opened.push(url)
    await listening.browse(url)
  }
  return createClient({ ...config, allowInsecureLoopback: true, openBrowser, ...change })
}

async function signedIn(change: Partial<ClientConfig> = {}): Promise<CarnetClient> {
  const client = clientWith(change)
  await client.signIn()
  return client
}

async function failure(work: Promise<unknown>): Promise<CarnetClientError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CarnetClientError)
  return error as CarnetClientError
}

test('one sign-in, then a token for a server, then the same token again without a word to anybody', async () => {
  const client = await signedIn()
  const access = await client.accessToken(company.server)
  expect(access.scopes).toEqual(['chat.read', 'chat.write'])
  expect(company.liveTokens.has(access.accessToken.reveal())).toBe(true)
  const before = company.asked.length
  expect((await client.accessToken(company.server)).accessToken.reveal()).toBe(access.accessToken.reveal())
  expect(company.asked.length).toBe(before)
  expect(opened).toHaveLength(1)
})

test('the servers policy opens to this person', async () => {
  const client = await signedIn()
  expect(await client.servers()).toEqual([
    { resource: company.server, name: 'Chat', authorizationServer: company.origins.ras, scopes: ['chat.read'] },
  ])
})

proves('CLI-01', 'asks only the configured issuer, whatever a server names', async () => {
  const evil = 'https://idp.evil.test'
  company.script('mcp.metadata', () => ({
    status: 200,
    json: { ...company.resourceMetadata(), idp_issuer: evil, issuer: evil },
  }))
  company.script('ras.metadata', () => ({ status: 200, json: { ...company.rasMetadata(), idp_issuer: evil } }))
  const client = await signedIn()
  await client.accessToken(company.server)
  const exchange = company.askedOf('idp.token').find(({ form }) => form.has('subject_token'))
  expect(exchange?.url.origin).toBe(company.origins.idp)
  expect(company.asked.every(({ url, body }) => !`${url}${body}`.includes('evil'))).toBe(true)
})

proves('CLI-02', 'opens no browser for an issuer without S256', async () => {
  const { code_challenge_methods_supported: _, ...silent } = company.idpMetadata()
  company.script('idp.metadata', () => ({ status: 200, json: silent }))
  expect((await failure(clientWith().signIn())).outcome.reason).toBe('s256-not-advertised')
  expect(opened).toEqual([])
  await clientWith({ allowUnadvertisedS256: true }).signIn()
  expect(opened).toHaveLength(1)
})

const responses = [
  ['without the promised iss', {}, 'response-issuer-missing'],
  [
    'with the iss of another',
    { iss: 'https://idp.evil.test', error_description: 'Send your password' },
    'response-issuer-mismatch',
  ],
] as const

for (const [fault, params, reason] of responses) {
  proves(
    ['CLI-03', 'THR-03'],
    `sends no code after a response ${fault}, and does not repeat what it says`,
    async () => {
      company.script('idp.authorize', ({ url }) => company.callback(url, { code: 'c', ...params }))
      const error = await failure(clientWith().signIn())
      expect(error.outcome.reason).toBe(reason)
      expect(JSON.stringify(error)).not.toContain('password')
      expect(company.askedOf('idp.token')).toEqual([])
    },
  )
}

test('a response with another state is waited past', async () => {
  company.script('idp.authorize', (asked, honest) => {
    const forged = company.callback(asked.url, { code: 'forged', iss: company.origins.idp })
    const location = new URL(forged.headers?.location ?? '')
    location.searchParams.set('state', 'other')
    void fetch(location).then(async (answer) => expect(answer.status).toBe(400))
    return honest(asked, honest)
  })
  await clientWith().signIn()
  expect(company.askedOf('idp.token').map(({ form }) => form.get('code'))).not.toContain('forged')
})

test('a sign-in nobody completes ends when its time is up', async () => {
  const giveUp = new AbortController()
  const client = clientWith({ openBrowser: async () => giveUp.abort() })
  expect((await failure(client.signIn({ signal: giveUp.signal }))).outcome.reason).toBe('sign-in-abandoned')
})

proves('CLI-04', 'fails the sign-in where the ID Token has another nonce', async () => {
  company.script('idp.token', () => ({ status: 200, json: company.signedIn('another') }))
  const client = clientWith()
  expect((await failure(client.signIn())).outcome).toMatchObject({
    status: 'sign-in-failed',
    reason: 'id-token-invalid',
  })
  expect(await client.signedIn()).toBeUndefined()
})

test('keys that cannot be had are an outage, not a bad token', async () => {
  company.script('idp.jwks', () => ({ status: 503 }))
  expect((await failure(clientWith().signIn())).code).toBe('unavailable')
})

proves('CLI-06', 'looks at the path before the root, and goes by what it finds', async () => {
  const client = await signedIn()
  await client.accessToken(company.server)
  expect(company.askedOf('mcp.metadata')).toHaveLength(1)
  expect(company.askedOf('mcp.rootMetadata')).toHaveLength(0)
})

proves('CLI-06', 'falls back to the root, and asks the challenge first where there is one', async () => {
  const client = await signedIn()
  company.script('mcp.metadata', () => ({ status: 404 }))
  company.script('mcp.rootMetadata', () => ({ status: 200, json: company.resourceMetadata() }))
  expect(await client.connect(company.server)).toMatchObject({ status: 'connected' })
  const root = `${company.origins.mcp}/.well-known/oauth-protected-resource`
  const before = company.askedOf('mcp.metadata').length
  await client.connect(company.server, { challenge: `Bearer resource_metadata="${root}"` })
  expect(company.askedOf('mcp.metadata')).toHaveLength(before)
})

proves(['CLI-06', 'THR-03'], 'asks nothing further where the server describes itself as another', async () => {
  const client = await signedIn()
  const before = company.askedOf('ras.metadata').length
  company.script('mcp.metadata', () => ({
    status: 200,
    json: { ...company.resourceMetadata(), resource: 'https://evil.test/mcp' },
  }))
  expect(await client.connect(company.server)).toMatchObject({ status: 'untrustworthy', reason: 'resource-mismatch' })
  expect(company.askedOf('ras.metadata')).toHaveLength(before)
})

for (const issuer of ['https://auth.evil.test', 'with a slash']) {
  proves(['CLI-07', 'THR-03'], `sends no token request after metadata that calls itself ${issuer}`, async () => {
    const name = issuer === 'with a slash' ? `${company.origins.ras}/` : issuer
    company.script('ras.metadata', () => ({ status: 200, json: { ...company.rasMetadata(), issuer: name } }))
    const client = await signedIn()
    const before = company.askedOf('idp.token').length
    expect(await client.connect(company.server)).toMatchObject({ status: 'untrustworthy', reason: 'issuer-mismatch' })
    expect(company.askedOf('ras.token')).toEqual([])
    expect(company.askedOf('idp.token')).toHaveLength(before)
  })
}

proves(
  ['CLI-08', 'THR-17a'],
  'says that an administrator must help where EMA is hidden, and opens nothing',
  async () => {
    const { authorization_grant_profiles_supported: _, ...metadata } = company.rasMetadata()
    company.script('ras.metadata', () => ({
      status: 200,
      json: { ...metadata, grant_types_supported: ['authorization_code'] },
    }))
    const client = await signedIn()
    const outcome = await client.connect(company.server, { mayOpenBrowser: true })
    expect(outcome).toMatchObject({ status: 'not-enterprise-managed' })
    expect(opened).toHaveLength(1)
    expect(company.askedOf('ras.token')).toEqual([])
  },
)

proves('REG-01a', 'uses its registration where the server offers registration and metadata documents too', async () => {
  company.script('ras.metadata', () => ({
    status: 200,
    json: {
      ...company.rasMetadata(),
      registration_endpoint: `${company.origins.ras}/register`,
      client_id_metadata_document_supported: true,
    },
  }))
  const client = await signedIn()
  expect(await client.connect(company.server)).toMatchObject({ status: 'connected' })
  expect(company.asked.filter(({ url }) => url.pathname === '/register')).toEqual([])
  expect(company.askedOf('ras.token').at(-1)?.headers.get('authorization')).toContain('Basic ')
})

proves('REG-02', 'needs neither registration nor metadata documents from the server', async () => {
  expect(Object.keys(company.rasMetadata())).not.toContain('registration_endpoint')
  expect(Object.keys(company.rasMetadata())).not.toContain('client_id_metadata_document_supported')
  const client = await signedIn()
  expect(await client.connect(company.server)).toMatchObject({ status: 'connected' })
})

proves('CLI-08', 'uses EMA where only the grant is listed', async () => {
  const { authorization_grant_profiles_supported: _, ...metadata } = company.rasMetadata()
  company.script('ras.metadata', () => ({ status: 200, json: metadata }))
  const client = await signedIn()
  expect(await client.connect(company.server)).toMatchObject({ status: 'connected' })
})

proves(['CLI-09', 'CLI-13'], 'authenticates on each leg with the credentials of that leg', async () => {
  const client = await signedIn()
  await client.accessToken(company.server)
  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const exchange = company.askedOf('idp.token').at(-1)
  expect(Object.fromEntries(exchange?.form ?? [])).toMatchObject({
    audience: company.origins.ras,
    resource: company.server,
  })
  expect(exchange?.headers.get('authorization')).toBe(basic('a-at-idp', 'idp-secret-0123456789'))
  expect(company.askedOf('ras.token').at(-1)?.headers.get('authorization')).toBe(
    basic('a-at-ras', 'ras-secret-0123456789'),
  )
})

proves('CLI-13', 'sends no grant to a token endpoint without https', async () => {
  company.script('ras.metadata', () => ({
    status: 200,
    json: { ...company.rasMetadata(), token_endpoint: 'http://auth.chat.test/token' },
  }))
  const client = await signedIn()
  expect(await client.connect(company.server)).toMatchObject({ status: 'untrustworthy' })
  expect(company.askedOf('ras.token')).toEqual([])
})

proves('CLI-10', 'asks for what the challenge names', async () => {
  const client = await signedIn()
  const { scopes } = await client.accessToken(company.server, { challenge: 'Bearer scope="chat.read offline_access"' })
  expect(scopes).toEqual(['chat.read'])
  expect(company.askedOf('idp.token').at(-1)?.form.get('scope')).toBe('chat.read')
})

proves('CLI-11', 'takes nothing from an answer that is no ID-JAG', async () => {
  const client = await signedIn()
  company.script('idp.token', ({ form }) => ({
    status: 200,
    json: { ...company.exchanged(form), issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
  }))
  expect(await client.connect(company.server)).toMatchObject({ status: 'untrustworthy', reason: 'not-an-id-jag' })
  expect(company.askedOf('ras.token')).toEqual([])
})

proves('CLI-12', 'does not present a grant for another authorization server', async () => {
  const client = await signedIn()
  company.script('idp.token', ({ form }) => ({
    status: 200,
    json: company.exchanged(form, { aud: 'https://auth.wiki.test' }),
  }))
  expect(await client.connect(company.server)).toMatchObject({ reason: 'id-jag-mismatch' })
  expect(company.askedOf('ras.token')).toEqual([])
})

proves('CLI-14a', 'makes a new exchange when the access token ends, and presents each ID-JAG once', async () => {
  const client = await signedIn()
  await client.accessToken(company.server)
  company.clock.advance(600)
  await client.accessToken(company.server)
  const presented = company.askedOf('ras.token').map(({ form }) => form.get('assertion'))
  expect(presented).toHaveLength(2)
  expect(new Set(presented).size).toBe(2)
})

proves('CLI-15a', 'has one token for each of two servers under one authorization server', async () => {
  const client = await signedIn()
  const files = `${company.origins.mcp}/mcp/files`
  company.script('mcp', (asked, honest) => honest(asked, honest))
  const challenge = `Bearer resource_metadata="${company.origins.mcp}/.well-known/oauth-protected-resource"`
  company.script('mcp.rootMetadata', () => ({ status: 200, json: { ...company.resourceMetadata(), resource: files } }))
  company.script('ras.token', ({ form }) => ({
    status: 200,
    json: company.accessToken([], { resource: form.get('resource') }),
  }))
  const one = await client.accessToken(company.server)
  const other = await client.accessToken(files, { challenge })
  expect([one.resource, other.resource]).toEqual([company.server, files])
  expect(one.accessToken.reveal()).not.toBe(other.accessToken.reveal())
  expect(company.asked.every(({ url }) => !url.search.includes(one.accessToken.reveal()))).toBe(true)
})

proves('CLI-16', 'says which scopes were granted, and which not and why', async () => {
  const client = await signedIn()
  const dropped = [{ scope: 'chat.write', reason: 'policy.forbidden', rule: 'no-writes' }]
  company.script('idp.token', ({ form }) => ({
    status: 200,
    json: { ...company.exchanged(form, { scope: 'chat.read' }), scope: 'chat.read', carnet_dropped_scopes: dropped },
  }))
  expect(await client.connect(company.server)).toMatchObject({ scopes: ['chat.read'], droppedScopes: dropped })
})

proves('CLI-16', 'drops a token for another resource', async () => {
  const client = await signedIn()
  company.script('ras.token', () => ({
    status: 200,
    json: company.accessToken([], { resource: 'https://mcp.wiki.test/mcp' }),
  }))
  expect(await client.connect(company.server)).toMatchObject({ reason: 'token-for-another-resource' })
  expect(await client.heldAccess(company.server)).toBeUndefined()
})

const idpAnswers = [
  ['access_denied', 'denied'],
  ['invalid_target', 'misconfigured'],
  ['invalid_scope', 'denied'],
  ['invalid_client', 'misconfigured'],
  ['unauthorized_client', 'misconfigured'],
] as const

for (const [error, status] of idpAnswers) {
  proves('CLI-18', `stops after ${error}: one request, no browser, something to act on`, async () => {
    const client = await signedIn()
    const txn = 'AAAAAAAAAAAAAAAAAAAAAA'
    const before = company.askedOf('idp.token').length
    company.script('idp.token', () =>
      oauthError(error, {
        carnet_reason: 'policy.no-matching-rule',
        error_uri: 'https://idp.acme.test/me/request',
        txn,
      }),
    )
    const outcome = await client.connect(company.server, { mayOpenBrowser: true })
    expect(outcome).toMatchObject({
      status,
      leg: 'exchange',
      publicReason: 'policy.no-matching-rule',
      sentence: 'No rule of the company policy allows this.',
      nextStep: 'https://idp.acme.test/me/request',
      txn,
    })
    expect(company.askedOf('idp.token')).toHaveLength(before + 1)
    expect(company.askedOf('ras.token')).toEqual([])
    expect(opened).toHaveLength(1)
  })
}

for (const error of ['invalid_grant', 'invalid_request']) {
  proves('CLI-18', `renews the ID Token once after ${error}`, async () => {
    const client = await signedIn()
    const first = company.askedOf('idp.token').length
    company.script('idp.token', (asked, honest) =>
      company.askedOf('idp.token').length === first + 1 ? oauthError(error) : honest(asked, honest),
    )
    expect(await client.connect(company.server)).toMatchObject({ status: 'connected' })
    const asked = company.askedOf('idp.token').slice(first)
    expect(asked.map(({ form }) => form.get('grant_type')?.split(':').at(-1))).toEqual([
      'token-exchange',
      'refresh_token',
      'token-exchange',
    ])
    expect(asked[0]?.form.get('subject_token')).not.toBe(asked[2]?.form.get('subject_token'))
  })
}

proves('CLI-18', 'signs on again with what a step-up asks for, if it may', async () => {
  const client = await signedIn()
  company.script('idp.token', (asked, honest) => {
    const isExchange = asked.form.has('subject_token')
    return isExchange && opened.length === 1
      ? oauthError('insufficient_user_authentication', { acr_values: 'mfa', max_age: 300 })
      : honest(asked, honest)
  })
  expect(await client.connect(company.server)).toMatchObject({
    status: 'step-up-required',
    stepUp: { acrValues: 'mfa', maxAgeSeconds: 300 },
  })
  expect(opened).toHaveLength(1)
  expect(await client.connect(company.server, { mayOpenBrowser: true })).toMatchObject({ status: 'connected' })
  const { searchParams } = new URL(opened[1] ?? '')
  expect([searchParams.get('acr_values'), searchParams.get('max_age')]).toEqual(['mfa', '300'])
})

proves('CLI-20', 'renews an expired ID Token by the refresh grant, without the browser', async () => {
  const client = await signedIn()
  company.clock.advance(4000)
  expect(await client.connect(company.server)).toMatchObject({ status: 'connected' })
  expect(opened).toHaveLength(1)
})

proves('CLI-20', 'opens the browser once where the refresh is rejected, if it may', async () => {
  const client = await signedIn()
  company.clock.advance(4000)
  company.script('idp.token', (asked, honest) =>
    asked.form.get('grant_type') === 'refresh_token' ? oauthError('invalid_grant') : honest(asked, honest),
  )
  expect(await client.connect(company.server)).toMatchObject({ status: 'sign-in-required', reason: 'sign-in-ended' })
  const both = await Promise.all([1, 2].map(() => client.connect(company.server, { mayOpenBrowser: true })))
  expect(both).toMatchObject([{ status: 'connected' }, { status: 'connected' }])
  expect(opened).toHaveLength(2)
})

test('a renewal that answers for another person is refused', async () => {
  const client = await signedIn()
  company.clock.advance(4000)
  company.script('idp.token', () => ({ status: 200, json: company.signedIn(undefined, 'bob') }))
  expect(await client.connect(company.server)).toMatchObject({ reason: 'person-changed' })
})

proves(
  'CLI-21',
  'a server that moved to another authorization server sees neither old credentials nor old tokens',
  async () => {
    const client = await signedIn()
    const { accessToken } = await client.accessToken(company.server)
    const other = await companyOnLoopback(company.clock, 'other')
    company.script('mcp.metadata', () => ({
      status: 200,
      json: { ...company.resourceMetadata(), authorization_servers: [other.company.origins.ras] },
    }))
    company.clock.advance(601)
    expect(await client.connect(company.server)).toMatchObject({
      status: 'misconfigured',
      reason: 'not-registered-at-server',
    })
    expect(other.company.asked).toEqual([])
    expect(company.askedOf('ras.token').some(({ body }) => body.includes(accessToken.reveal()))).toBe(false)
    await other.close()
  },
)

proves('CLI-23', 'does not fetch metadata from inside the network', async () => {
  const client = await signedIn()
  for (const url of [
    'http://169.254.169.254/latest',
    'https://10.0.0.1/x',
    'file:///etc/passwd',
    'https://[fd00::1]/',
  ]) {
    const outcome = await client.connect(company.server, { challenge: `Bearer resource_metadata="${url}"` })
    expect(outcome).toMatchObject({ status: 'untrustworthy', reason: 'answer-out-of-bounds' })
  }
})

proves('CLI-23', 'follows no redirect and reads no endless answer', async () => {
  const client = await signedIn()
  company.script('mcp.metadata', () => ({ status: 302, headers: { location: company.origins.ras } }))
  expect(await client.connect(company.server)).toMatchObject({ reason: 'answer-out-of-bounds' })
  company.script('mcp.metadata', () => ({ status: 200, json: { padding: 'x'.repeat(300_000) } }))
  expect(await client.connect(company.server)).toMatchObject({ reason: 'answer-out-of-bounds' })
})

proves('CLI-24a', 'revokes at every server and wipes the store when signing out', async () => {
  const store = memoryStore()
  const client = await signedIn({ store })
  const { accessToken } = await client.accessToken(company.server)
  expect(await client.signOut()).toEqual({ revoked: 2, notRevokedAt: [] })
  expect(company.askedOf('ras.revoke').map(({ form }) => form.get('token'))).toEqual([accessToken.reveal()])
  expect(company.askedOf('idp.revoke')).toHaveLength(1)
  expect(await store.keys()).toEqual([])
  expect(await client.connect(company.server)).toMatchObject({ status: 'sign-in-required', reason: 'not-signed-in' })
})

proves('CLI-24a', 'wipes the store also where nobody can be reached', async () => {
  const store = memoryStore()
  const client = await signedIn({ store })
  await client.accessToken(company.server)
  company.script('ras.revoke', () => ({ status: 503 }))
  company.script('idp.revoke', () => ({ status: 503 }))
  expect(await client.signOut()).toEqual({ revoked: 0, notRevokedAt: [company.origins.ras, company.origins.idp] })
  expect(await store.keys()).toEqual([])
})

proves('CLI-24a', 'drops and revokes what belongs to another person when the account is switched', async () => {
  const client = await signedIn()
  const { accessToken } = await client.accessToken(company.server)
  company.person = 'bob'
  await client.signIn()
  expect(company.askedOf('ras.revoke').map(({ form }) => form.get('token'))).toEqual([accessToken.reveal()])
  const again = await client.accessToken(company.server)
  expect(again.accessToken.reveal()).not.toBe(accessToken.reveal())
})

test('an outage takes nothing away: a token that still works is used to its end', async () => {
  const client = await signedIn()
  const { accessToken } = await client.accessToken(company.server)
  company.clock.advance(560)
  company.script('idp.token', () => ({ status: 503, headers: { 'retry-after': '7' } }))
  expect((await client.accessToken(company.server)).accessToken.reveal()).toBe(accessToken.reveal())
  company.clock.advance(40)
  expect(await client.connect(company.server)).toMatchObject({ status: 'unavailable', retryAfterSeconds: 7 })
  expect(await client.signedIn()).toEqual({ subject: 'alice' })
})

test('a withdrawal does: a denied renewal ends the token at once', async () => {
  const client = await signedIn()
  await client.accessToken(company.server)
  company.clock.advance(560)
  company.script('idp.token', () => oauthError('access_denied'))
  expect(await client.connect(company.server)).toMatchObject({ status: 'denied' })
  expect(await client.heldAccess(company.server)).toBeUndefined()
})

test('fifty callers at once cause one exchange and one redemption', async () => {
  const client = await signedIn()
  const before = company.askedOf('idp.token').length
  const all = await Promise.all(Array.from({ length: 50 }, () => client.accessToken(company.server)))
  expect(new Set(all.map(({ accessToken }) => accessToken.reveal())).size).toBe(1)
  expect(company.askedOf('idp.token')).toHaveLength(before + 1)
  expect(company.askedOf('ras.token')).toHaveLength(1)
})

proves('CLI-05', 'prints no token and no secret, in outcomes, errors or the client itself', async () => {
  const client = await signedIn()
  const access = await client.accessToken(company.server)
  const { inspect } = await import('node:util')
  const token = access.accessToken.reveal()
  expect(`${inspect(access, { depth: 9 })}${JSON.stringify(access)}${inspect(client, { depth: 9 })}`).not.toContain(
    token,
  )
  company.script('idp.token', () => oauthError('access_denied'))
  company.clock.advance(600)
  const error = await failure(client.accessToken(company.server))
  expect(`${inspect(error, { depth: 9 })}${error.stack}`).not.toMatch(/eyJ|secret-0|refresh-|access-\d/)
  expect(company.asked.filter(({ url }) => /eyJ|secret-0|refresh-|access-\d/.test(url.href))).toEqual([])
})

test('settings that cannot work are refused all at once', () => {
  const bad = {
    ...configFor(company),
    issuer: 'http://idp.acme.test',
    client: { id: '' },
    registrations: { 'ftp://x': { id: '' } },
  }
  expect(() => createClient(bad)).toThrow(
    'issuer: must be an https URL; client.id: must not be empty; registrations["ftp://x"]: must be an https URL; registrations["ftp://x"].id: must not be empty',
  )
})

test('a sign-in made elsewhere is taken over only if its signature holds', async () => {
  const other = await companyOnLoopback(company.clock, 'other')
  const forged = new Hidden(other.company.idToken({ iss: company.origins.idp }))
  expect((await failure(clientWith().adopt({ idToken: forged }))).outcome.reason).toBe('id-token-invalid')
  expect(await clientWith().adopt({ idToken: new Hidden(company.idToken()) })).toEqual({ subject: 'alice' })
  await other.close()
})

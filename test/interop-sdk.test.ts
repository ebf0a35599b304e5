/** The unmodified MCP TypeScript SDK, and our client, against our issuer, Resource AS and guard. */
import { type CarnetClient, CarnetClientError, createClient, memoryStore } from '@carnet/client'
import { enterpriseManaged, withEnterpriseManaged } from '@carnet/client/mcp'
import { proves } from '@carnet/requirements/vitest'
import {
  Client,
  type ClientOptions,
  CrossAppAccessProvider,
  discoverAndRequestJwtAuthGrant,
  exchangeJwtAuthGrant,
  requestJwtAuthorizationGrant,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AT_ISSUER, AT_RESOURCE_AS, type Constellation, startConstellation } from './interop/constellation.ts'

let all: Constellation
const open: { close(): Promise<void> }[] = []

beforeAll(async () => {
  all = await startConstellation()
})
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
afterAll(() => all.close())

async function carnetClient(person: string) {
  const store = memoryStore()
  const client = createClient({
    issuer: all.world.issuer,
    client: AT_ISSUER,
    registrations: { [all.resourceAs]: AT_RESOURCE_AS },
    store,
    openBrowser: all.browse(person),
    allowInsecureLoopback: true,
  })
  await client.signIn()
  return { client, store }
}

/** An ID Token of a real sign-in, as an application without our client would hold it. */
async function idTokenOf(person: string): Promise<string> {
  const { store } = await carnetClient(person)
  const [key] = await store.keys()
  return JSON.parse((await store.read(key ?? ''))?.reveal() ?? '').idToken
}

type TransportOptions = ConstructorParameters<typeof StreamableHTTPClientTransport>[1]

async function mcpClient(transport: TransportOptions, options: ClientOptions = {}): Promise<Client> {
  const mcp = new Client({ name: 'interop', version: '1.0.0' }, options)
  open.push(mcp)
  await mcp.connect(new StreamableHTTPClientTransport(new URL(all.resource), transport))
  return mcp
}

test('our client: one sign-in on the real page, the list, a tool call, and no consent anywhere', async () => {
  const { client } = await carnetClient('alice')
  expect(await client.servers()).toEqual([
    { name: 'Chat', resource: all.resource, authorizationServer: all.resourceAs, scopes: ['chat.read'] },
  ])
  const mcp = await mcpClient(enterpriseManaged(client, all.resource))
  expect(await mcp.callTool({ name: 'read' })).toMatchObject({ content: [{ text: 'hello' }] })
  const access = await client.heldAccess(all.resource)
  expect(access?.txn).toMatch(/^[\w-]{22}$/)
  expect(all.resourceAsEvents.some(({ type, txn }) => type === 'token.issued' && txn === access?.txn)).toBe(true)
})

for (const mode of ['auto', 'legacy'] as const) {
  proves(
    'CLI-22',
    `our client: a server that requires the extension hears of it in each request (${mode})`,
    async () => {
      const { client } = await carnetClient('alice')
      await expect(mcpClient({ authProvider: { token: async () => tokenOf(client) } })).rejects.toThrow('extension')
      const mcp = await mcpClient(enterpriseManaged(client, all.resource), { versionNegotiation: { mode } })
      expect((await mcp.listTools()).tools.map(({ name }) => name)).toEqual(['read'])
      expect(await mcp.callTool({ name: 'read' })).toMatchObject({ content: [{ text: 'hello' }] })
    },
  )
}

async function tokenOf(client: CarnetClient): Promise<string> {
  return (await client.accessToken(all.resource)).accessToken.reveal()
}

test('our client: what policy does not give is named with its reason', async () => {
  const { client } = await carnetClient('alice')
  expect(await client.connect(all.resource, { scopes: ['chat.read', 'chat.admin'] })).toMatchObject({
    status: 'connected',
    scopes: ['chat.read'],
    droppedScopes: [{ scope: 'chat.admin', reason: 'policy.no-matching-rule' }],
  })
})

test('our client: a person without access gets a typed refusal with a next step, and nothing else is tried', async () => {
  const { client } = await carnetClient('bob')
  const before = all.resourceAsEvents.length
  const outcome = await client.connect(all.resource)
  expect(outcome).toMatchObject({ status: 'denied', leg: 'exchange', publicReason: 'policy.no-matching-rule' })
  expect(outcome.txn).toMatch(/^[\w-]{22}$/)
  expect('nextStep' in outcome && outcome.nextStep).toContain(all.world.issuer)
  await expect(mcpClient(enterpriseManaged(client, all.resource))).rejects.toBeInstanceOf(CarnetClientError)
  expect(all.resourceAsEvents).toHaveLength(before)
})

proves('CLI-24a', 'signing out ends the refresh token at the real issuer', async () => {
  const { client, store } = await carnetClient('alice')
  await client.accessToken(all.resource)
  const [key] = await store.keys()
  const { refreshToken } = JSON.parse((await store.read(key ?? ''))?.reveal() ?? '')
  expect(await client.signOut()).toEqual({ revoked: 2, notRevokedAt: [] })
  const response = await fetch(`${all.world.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${AT_ISSUER.id}:${AT_ISSUER.secret}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  })
  expect(await response.json()).toMatchObject({ error: 'invalid_grant' })
})

test('the SDK: CrossAppAccessProvider with discoverAndRequestJwtAuthGrant reaches a tool', async () => {
  const idToken = await idTokenOf('alice')
  const authProvider = new CrossAppAccessProvider({
    clientId: AT_RESOURCE_AS.id,
    clientSecret: AT_RESOURCE_AS.secret,
    expectedIssuer: all.resourceAs,
    assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
      const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant({
        idpUrl: all.world.issuer,
        audience: authorizationServerUrl,
        resource: resourceUrl,
        idToken,
        clientId: AT_ISSUER.id,
        clientSecret: AT_ISSUER.secret,
        ...(scope !== undefined && { scope }),
        fetchFn,
      })
      return jwtAuthGrant
    },
  })
  const mcp = await mcpClient({ authProvider }, { capabilities: withEnterpriseManaged({}) })
  expect(await mcp.callTool({ name: 'read' })).toMatchObject({ content: [{ text: 'hello' }] })
})

for (const authMethod of ['client_secret_basic', 'client_secret_post'] as const) {
  test(`the SDK: the two grants one by one, with ${authMethod}`, async () => {
    const grant = await requestJwtAuthorizationGrant({
      tokenEndpoint: `${all.world.issuer}/token`,
      audience: all.resourceAs,
      resource: all.resource,
      idToken: await idTokenOf('alice'),
      clientId: AT_ISSUER.id,
      clientSecret: AT_ISSUER.secret,
      scope: 'chat.read chat.admin',
    })
    expect(grant.scope).toBe('chat.read')
    const redeem = () =>
      exchangeJwtAuthGrant({
        tokenEndpoint: `${all.resourceAs}/token`,
        jwtAuthGrant: grant.jwtAuthGrant,
        clientId: AT_RESOURCE_AS.id,
        clientSecret: AT_RESOURCE_AS.secret,
        authMethod,
      })
    expect(await redeem()).toMatchObject({ token_type: 'Bearer', scope: 'chat.read' })
    await expect(redeem()).rejects.toThrow('already been redeemed')
  })
}

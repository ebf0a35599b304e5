/** The adapter in the unmodified transport and client of the MCP SDK. */
import { EMA_EXTENSION } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CarnetClient, CarnetClientError, createClient } from '../src/index.ts'
import { enterpriseManaged } from '../src/mcp/index.ts'
import { type Company, oauthError } from './fixture/company.ts'
import { companyOnLoopback, type Listening } from './fixture/on-loopback.ts'
import { configFor } from './fixture/settings.ts'

let listening: Listening
let company: Company
let carnet: CarnetClient
let mcp: Client

beforeEach(async () => {
  listening = await companyOnLoopback()
  company = listening.company
  const { http: _, ...config } = configFor(company)
  carnet = createClient({ ...config, allowInsecureLoopback: true, openBrowser: listening.browse })
  await carnet.signIn()
  mcp = new Client({ name: 'test', version: '1' })
})
afterEach(async () => {
  await mcp.close()
  await listening.close()
})

function connected(): Promise<void> {
  const url = new URL(company.server)
  return mcp.connect(new StreamableHTTPClientTransport(url, enterpriseManaged(carnet, url)))
}

function exchanges(): number {
  return company.askedOf('idp.token').filter(({ form }) => form.has('subject_token')).length
}

function bearers(): readonly (string | null)[] {
  return company.askedOf('mcp').map(({ headers }) => headers.get('authorization'))
}

test('connects through the challenge and calls a tool', async () => {
  await connected()
  expect((await mcp.listTools()).tools.map(({ name }) => name)).toEqual(['post'])
  expect(exchanges()).toBe(1)
  expect(bearers()[0]).toBeNull()
})

proves('CLI-15a', 'sends the token with every request to the server, in the header and nowhere else', async () => {
  await connected()
  await mcp.listTools()
  const [first, ...rest] = company.askedOf('mcp')
  expect(first?.headers.has('authorization')).toBe(false)
  expect(rest.every(({ headers }) => headers.get('authorization')?.startsWith('Bearer access-'))).toBe(true)
  expect(company.asked.every(({ url }) => !url.href.includes('access-'))).toBe(true)
})

proves('CLI-22', 'declares the extension in every request', async () => {
  await connected()
  await mcp.listTools()
  const requests = company.askedOf('mcp').filter(({ body }) => body !== '' && JSON.parse(body).id !== undefined)
  expect(requests.length).toBeGreaterThan(1)
  for (const { body } of requests) {
    const { method, params } = JSON.parse(body)
    const capabilities =
      method === 'initialize' ? params.capabilities : params._meta['io.modelcontextprotocol/clientCapabilities']
    expect(capabilities.extensions).toEqual({ [EMA_EXTENSION]: {} })
  }
})

proves('CLI-17', 'answers 401 with one new exchange and one retry', async () => {
  await connected()
  company.liveTokens.clear()
  await mcp.listTools()
  expect(exchanges()).toBe(2)
  expect(new Set(bearers().filter((bearer) => bearer !== null)).size).toBe(2)
})

proves('CLI-17', 'surfaces a 401 that stays', async () => {
  await connected()
  const before = exchanges()
  company.script('mcp', () => ({ status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }))
  await expect(mcp.listTools()).rejects.toThrow('401')
  expect(exchanges()).toBe(before + 1)
})

proves('CLI-17', 'answers 403 with a token for the union of what it has and what is missing', async () => {
  await connected()
  expect(await mcp.callTool({ name: 'post', arguments: {} })).toMatchObject({ content: [{ text: 'done' }] })
  expect(company.askedOf('idp.token').at(-1)?.form.get('scope')).toBe('chat.read chat.write')
  await mcp.callTool({ name: 'post', arguments: {} })
  expect(exchanges()).toBe(2)
})

proves('CLI-17', 'stops after three exchanges before a server that always wants another scope', async () => {
  await connected()
  const before = exchanges()
  let wish = 0
  company.script('mcp', () => ({
    status: 403,
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="chat.x${wish++}"` },
  }))
  await expect(mcp.callTool({ name: 'post', arguments: {} })).rejects.toThrow('Insufficient scope')
  expect(exchanges()).toBe(before + 3)
})

proves('CLI-17', 'asks once, not again and again, for a scope that is never granted', async () => {
  await connected()
  const before = exchanges()
  company.script('idp.token', ({ form }) => ({
    status: 200,
    json: { ...company.exchanged(form, { scope: 'chat.read' }), scope: 'chat.read' },
  }))
  for (const _ of [1, 2])
    await expect(mcp.callTool({ name: 'post', arguments: {} })).rejects.toThrow('Insufficient scope')
  expect(exchanges()).toBe(before + 1)
})

test('a denial reaches the caller typed, and the token it has stays in use', async () => {
  await connected()
  company.script('idp.token', () => oauthError('access_denied', { carnet_reason: 'policy.forbidden' }))
  const error = await mcp.callTool({ name: 'post', arguments: {} }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CarnetClientError)
  expect(error).toMatchObject({ code: 'denied', outcome: { publicReason: 'policy.forbidden' } })
  expect((await mcp.listTools()).tools).toHaveLength(1)
})

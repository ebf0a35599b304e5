/** A server and a client of the official SDK, with the guard between them. */
import { type ClientId, EMA_EXTENSION } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { systemRandom } from '@carnet/tokens'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createStateHandles } from '../src/index.ts'
import { callerOf, createGuardedMcpHandler } from '../src/mcp.ts'
import { enterNode, toNodeListener } from '../src/node.ts'
import { startAuthorizationServer, type TestAuthorizationServer } from './fixture/authorization-server.ts'
import { startGuarded } from './fixture/servers.ts'

let as: TestAuthorizationServer
const open: { close(): Promise<unknown> }[] = []
beforeAll(async () => {
  as = await startAuthorizationServer()
})
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})
afterAll(() => as.close())

const notes = createStateHandles<{ text: string }>(systemRandom, { max: 100 })

const factory: McpServerFactory = () => {
  const server = new McpServer({ name: 'chat', version: '1.0.0' })
  server.registerTool('chat.list', { description: 'Lists' }, (ctx) => {
    const caller = callerOf(ctx)
    return { content: [{ type: 'text', text: JSON.stringify({ ...caller, token: ctx.http?.authInfo?.token }) }] }
  })
  server.registerTool('chat.move', { description: 'Moves' }, () => ({ content: [{ type: 'text', text: 'moved' }] }))
  server.registerTool('chat.hidden', { description: 'Not declared to the guard' }, () => ({ content: [] }))
  server.registerTool('note.keep', { inputSchema: z.object({ text: z.string() }) }, ({ text }, ctx) => {
    const caller = callerOf(ctx) ?? expect.fail()
    return { content: [{ type: 'text', text: notes.keep(caller, { text }) }] }
  })
  server.registerTool('note.read', { inputSchema: z.object({ handle: z.string() }) }, ({ handle }, ctx) => {
    const note = notes.find(callerOf(ctx) ?? expect.fail(), handle)
    return note === undefined
      ? { content: [{ type: 'text', text: 'no such note' }], isError: true }
      : { content: [{ type: 'text', text: note.text }] }
  })
  return server
}

const TOOLS = {
  'chat.list': ['chat.read'],
  'chat.move': ['chat.read', 'chat.write'],
  'note.keep': [],
  'note.read': [],
}

async function startChat(config: Parameters<typeof startGuarded>[2] = {}, through: 'ours' | 'theirs' = 'ours') {
  const server = await startGuarded(
    as,
    (guard) => {
      const handler = createGuardedMcpHandler(guard, factory)
      if (through === 'ours') return toNodeListener(handler.fetch)
      const theirs = toNodeHandler(handler)
      return (request, response) => {
        const { method = 'GET', url = '/' } = request
        void theirs(Object.assign(request, { method, url }), response)
      }
    },
    { tools: TOOLS, impliedScopes: { 'chat.admin': ['chat.write', 'chat.read'] }, ...config },
  )
  open.push(server)
  return server
}

async function connectClient(
  resource: string,
  token: string | undefined,
  { mode = 'auto', extension = true }: { mode?: 'auto' | 'legacy'; extension?: boolean } = {},
) {
  const client = new Client(
    { name: 'assistant', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: extension ? { extensions: { [EMA_EXTENSION]: {} } } : {} },
  )
  const authProvider = { token: async () => token }
  await client.connect(new StreamableHTTPClientTransport(new URL(resource), { authProvider }))
  open.push(client)
  return client
}

const textOf = (result: { content: readonly { type: string; text?: string }[] }) => result.content[0]?.text ?? ''

describe.each(['auto', 'legacy'] as const)('an SDK client in %s mode', (mode) => {
  test.each(['ours', 'theirs'] as const)('calls a tool, which sees who calls, served by %s', async (through) => {
    const { resource } = await startChat({}, through)
    const client = await connectClient(resource, as.token(resource), { mode })
    const seen = JSON.parse(textOf(await client.callTool({ name: 'chat.list' })))
    expect(seen).toMatchObject({
      issuer: as.issuer,
      subject: 'account-alice',
      scopes: ['chat.read'],
      session: 'session-1',
    })
    expect(seen.token).toBe('withheld')
  })

  proves('RS-08', `is refused a tool beyond its scopes (${mode})`, async () => {
    const { resource } = await startChat()
    const client = await connectClient(resource, as.token(resource), { mode })
    await expect(client.callTool({ name: 'chat.move' })).rejects.toThrow(/scope/i)
  })

  proves('RS-09', `calls with a broader scope (${mode})`, async () => {
    const { resource } = await startChat()
    const client = await connectClient(resource, as.token(resource, { scope: 'chat.admin' }), { mode })
    expect(textOf(await client.callTool({ name: 'chat.move' }))).toBe('moved')
  })

  test('is shown only what it may call', async () => {
    const { resource } = await startChat()
    const client = await connectClient(resource, as.token(resource), { mode })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual(['chat.list', 'note.keep', 'note.read'])
  })

  test('cannot call a tool the guard was not told of', async () => {
    const { resource } = await startChat()
    const client = await connectClient(resource, as.token(resource), { mode })
    await expect(client.callTool({ name: 'chat.hidden' })).rejects.toMatchObject({ code: -32602 })
  })

  proves('RS-12', `cannot open another person's state by its handle (${mode})`, async () => {
    const { resource } = await startChat()
    const alice = await connectClient(resource, as.token(resource), { mode })
    const bob = await connectClient(resource, as.token(resource, { sub: 'account-bob' }), { mode })
    const handle = textOf(await alice.callTool({ name: 'note.keep', arguments: { text: 'secret plan' } }))
    const read = (client: Client) => client.callTool({ name: 'note.read', arguments: { handle } })
    expect(textOf(await read(alice))).toBe('secret plan')
    expect(await read(bob)).toMatchObject({ isError: true, content: [{ text: 'no such note' }] })
  })

  proves('RS-14', `is refused without the extension where that is required, and served with it (${mode})`, async () => {
    const { resource } = await startChat({ requireExtension: true })
    const client = await connectClient(resource, as.token(resource), { mode })
    expect(textOf(await client.callTool({ name: 'chat.list' }))).toContain('account-alice')
    const without = connectClient(resource, as.token(resource), { mode, extension: false })
    await expect(without.then((each) => each.callTool({ name: 'chat.list' }))).rejects.toThrow()
  })
})

describe('the endpoint', () => {
  const post = (resource: string, token: string | undefined, body: unknown, headers: Record<string, string> = {}) =>
    fetch(resource, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const call = (id: number, name: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: {} },
  })

  proves('RS-14', 'asks for the extension only of those it has let in, and announces it itself', async () => {
    const { resource } = await startChat({ requireExtension: true })
    const message = { jsonrpc: '2.0', id: 4, method: 'tools/list', params: {} }
    const version = { 'mcp-protocol-version': '2026-07-28' }
    expect((await post(resource, undefined, message, version)).status).toBe(401)
    const refused = await post(resource, as.token(resource), message, version)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      id: 4,
      error: { code: -32021, data: { requiredCapabilities: { extensions: { [EMA_EXTENSION]: {} } } } },
    })
    const client = await connectClient(resource, as.token(resource))
    expect(client.getServerCapabilities()?.extensions).toHaveProperty([EMA_EXTENSION])
  })

  proves(
    'RS-08',
    'leaves no call to a parser that reads what the guard cannot: two byte order marks hide nothing',
    async () => {
      const { resource } = await startChat()
      const refused = await post(resource, as.token(resource), `\ufeff\ufeff${JSON.stringify(call(1, 'chat.move'))}`)
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ id: null, error: { code: -32700 } })
      const once = await post(resource, as.token(resource), `\ufeff${JSON.stringify(call(1, 'chat.move'))}`)
      expect(once.status).toBe(403)
    },
  )

  test('refuses a whole batch for one call in it that is not allowed, before any is made', async () => {
    const { resource } = await startChat()
    const refused = await post(resource, as.token(resource), [call(1, 'chat.list'), call(2, 'chat.move')])
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toContain('scope="chat.read chat.write"')
  })

  proves('RS-02', 'reads no body of a stranger, and says of a body what the SDK would', async () => {
    const { resource } = await startChat()
    expect((await post(resource, undefined, '{"broken')).status).toBe(401)
    expect((await post(resource, as.token(resource), '{"broken')).status).toBe(400)
    expect((await post(resource, as.token(resource), `"${'x'.repeat(4 * 1024 * 1024)}"`)).status).toBe(413)
  })

  proves(['RS-16', 'REV-06'], 'closes a subscription when the client is revoked', async () => {
    const { resource } = await startChat()
    const token = as.token(resource, { client_id: 'lost-laptop' })
    const client = await connectClient(resource, token)
    const subscription = await client.listen({ toolsListChanged: true })
    as.revoke({ kind: 'client', client: 'lost-laptop' as ClientId })
    expect(await subscription.closed).toBe('remote')
    await expect(client.callTool({ name: 'chat.list' })).rejects.toThrow()
  })
})

describe('a session of the 2025 revisions behind node:http', () => {
  proves(['RS-16', 'REV-06'], 'has its GET stream closed when the person is revoked', async () => {
    const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => crypto.randomUUID() })
    const server = new McpServer({ name: 'chat', version: '1.0.0' })
    await server.connect(transport)
    const started = await startGuarded(as, (guard) => async (request, response) => {
      if ((await enterNode(guard, request, response)) !== undefined) await transport.handleRequest(request, response)
    })
    open.push(started)
    const authorization = `Bearer ${as.token(started.resource, { sub: 'account-carol' })}`
    const hello = await fetch(started.resource, {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', authorization, 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'assistant', version: '1' } },
      }),
    })
    const session = hello.headers.get('mcp-session-id') ?? expect.fail()
    await hello.text()
    const listening = () =>
      fetch(started.resource, { headers: { accept: 'text/event-stream', authorization, 'mcp-session-id': session } })
    const stream = await listening()
    expect([stream.status, started.guard.status().openStreams]).toEqual([200, 1])
    as.revoke({ kind: 'subject', subject: 'account-carol' })
    await stream.text()
    expect((await listening()).status).toBe(401)
  })
})

import { connect } from 'node:net'
import type { SessionId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAuthorizationServer, type TestAuthorizationServer } from './fixture/authorization-server.ts'
import { adapters, startGuarded } from './fixture/servers.ts'

let as: TestAuthorizationServer
beforeAll(async () => {
  as = await startAuthorizationServer()
})
afterAll(() => as.close())

/** Sends bytes as they are: `fetch` would not let a request name another host. */
function raw(origin: string, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(`${lines.join('\r\n')}\r\n\r\n`))
    let text = ''
    socket.on('data', (data) => {
      text += data
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

describe.each(Object.keys(adapters))('the guard before %s', (name) => {
  let server: Awaited<ReturnType<typeof startGuarded>>
  beforeAll(async () => {
    const make = adapters[name]
    server = await startGuarded(as, make ?? expect.fail())
  })
  afterAll(() => server.close())

  const ask = (token: string | undefined, init: RequestInit = {}, url = server.resource) =>
    fetch(url, {
      method: 'POST',
      ...init,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...init.headers },
    })

  for (const method of ['POST', 'GET', 'DELETE']) {
    proves(['RS-01', 'RS-02'], `answers a ${method} without credentials by a challenge`, async () => {
      const response = await ask(undefined, { method })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer scope="chat.read", resource_metadata="${server.origin}/.well-known/oauth-protected-resource/mcp"`,
      )
    })
  }

  proves('RS-02', 'asks again of a client it has just admitted', async () => {
    expect((await ask(as.token(server.resource))).status).toBe(200)
    expect((await ask(undefined)).status).toBe(401)
  })

  proves('RS-02', 'answers before it reads a body', async () => {
    const head = [
      'POST /mcp HTTP/1.1',
      `Host: ${new URL(server.origin).host}`,
      'Content-Length: 1000000',
      'Connection: close',
    ]
    expect(await raw(server.origin, head)).toMatch(/^HTTP\/1\.1 401 /)
  })

  proves('RS-03', 'finds a token in the header only', async () => {
    const token = as.token(server.resource)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await ask(undefined, {}, `${server.resource}?access_token=${token}`)).status).toBe(401)
    expect((await ask(undefined, { headers: form, body: `access_token=${token}` })).status).toBe(401)
    expect((await ask(token, {}, `${server.resource}?access_token=${token}`)).status).toBe(400)
    expect((await ask(token, { headers: form, body: `access_token=${token}` })).status).toBe(400)
  })

  proves('RS-03', 'does not choose between two Authorization headers', async () => {
    const own = `Authorization: Bearer ${as.token(server.resource)}`
    const lines = ['POST /mcp HTTP/1.1', `Host: ${new URL(server.origin).host}`, own, 'Authorization: Bearer other']
    expect(await raw(server.origin, [...lines, 'Content-Length: 0', 'Connection: close'])).toMatch(/^HTTP\/1\.1 400 /)
  })

  proves('RS-07', 'answers malformed by 400 and invalid by 401', async () => {
    expect((await ask('two words')).status).toBe(400)
    const expired = as.token(server.resource, { iat: 1, exp: 2 })
    for (const token of ['nonsense', expired]) {
      const response = await ask(token)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
  })

  proves(['RS-06', 'RS-05'], 'takes no token that is not an access token for this server', async () => {
    for (const [token, why] of [
      [as.token(server.resource, {}, 'JWT'), 'ID Token'],
      [as.token(server.resource, {}, 'oauth-id-jag+jwt'), 'ID-JAG'],
      [as.token(`${server.origin}/files`), 'another resource'],
      [as.token(server.origin), 'the origin'],
      [as.token(as.issuer), 'the authorization server'],
    ] as const) {
      expect([why, (await ask(token)).status]).toEqual([why, 401])
    }
  })

  proves(['RS-10', 'THR-09'], 'hands the application who calls, and the token in no form', async () => {
    const token = as.token(server.resource)
    const body = await (await ask(token, { body: '{}', headers: { 'x-other': 'kept' } })).text()
    expect(JSON.parse(body)).toMatchObject({ subject: 'account-alice', client: 'assistant', scopes: ['chat.read'] })
    expect(body).toContain('kept')
    expect(body).not.toContain(token)
    expect(body).not.toMatch(/eyJ|[Bb]earer/)
  })

  proves(['RS-13', 'THR-14'], 'answers a foreign page and a rebound name by 403, with a good token too', async () => {
    const token = as.token(server.resource)
    expect((await ask(token, { headers: { origin: 'https://evil.test' } })).status).toBe(403)
    expect((await ask(token, { headers: { origin: server.origin } })).status).toBe(200)
    const lines = [
      'POST /mcp HTTP/1.1',
      'Host: evil.test',
      `Authorization: Bearer ${token}`,
      'Content-Length: 0',
      'Connection: close',
    ]
    expect(await raw(server.origin, lines)).toMatch(/^HTTP\/1\.1 403 /)
  })

  proves('DISC-08', 'serves the metadata at the path-inserted and the root URL, to anybody', async () => {
    for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']) {
      const response = await fetch(`${server.origin}${path}`, { headers: { 'x-forwarded-host': 'evil.test' } })
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ resource: server.resource, authorization_servers: [as.issuer] })
    }
  })

  proves(['RS-16', 'REV-06'], 'closes an open stream, and answers 401, when the session is revoked', async () => {
    const session = `session-${name}` as SessionId
    const token = as.token(server.resource, { sid: session })
    const other = as.token(server.resource)
    const [ending, staying] = await Promise.all([ask(token, { method: 'GET' }), ask(other, { method: 'GET' })])
    const reader = ending.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: open\n\n')
    const end = reader?.read()
    as.revoke({ kind: 'session', session })
    expect((await end)?.done).toBe(true)
    const refused = await ask(token)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ carnet_reason: 'token.revoked' })
    expect((await ask(other)).status).toBe(200)
    expect(server.guard.status().openStreams).toBe(1)
    await staying.body?.cancel()
  })

  test('reports calls to the authorization server, in the chain of the token', async () => {
    const caller = await server.guard.check(
      new Request(server.resource, { headers: { authorization: `Bearer ${as.token(server.resource)}` } }),
    )
    const { txn } = caller.ok ? caller.value : expect.fail()
    const of = () =>
      as.events.filter((event) => event.txn === txn).map(({ type, tool, reason }) => [type, tool, reason])
    if (!caller.ok) expect.fail()
    await server.guard.authorizeTool(caller.value, 'chat.list')
    await server.guard.authorizeTool(caller.value, 'chat.move')
    while (of().length < 2) await as.nextEvents()
    expect(of()).toEqual([
      ['call.allowed', 'chat.list', undefined],
      ['call.refused', 'chat.move', 'insufficient-scope'],
    ])
    expect(JSON.stringify(as.events)).not.toMatch(/eyJ/)
  })
})

describe('Express with a parsed body', () => {
  proves('RS-08', 'has each tool call checked', async () => {
    const { default: express } = await import('express')
    const { guardExpress } = await import('../src/express.ts')
    const server = await startGuarded(as, (guard) => {
      const app = express()
      app.use(express.json(), guardExpress(guard))
      app.post('/mcp', (_request, response) => void response.json({ done: true }))
      return app
    })
    const call = (name: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })
    const post = (body: unknown) =>
      fetch(server.resource, {
        method: 'POST',
        headers: { authorization: `Bearer ${as.token(server.resource)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await post(call('chat.list'))).status).toBe(200)
    const refused = await post([call('chat.list'), call('chat.move')])
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toMatch(/scope="chat.read chat.write", resource_metadata="/)
    await server.close()
  })
})

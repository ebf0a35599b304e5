/**
 * Our client, as the official conformance runner starts it: the server's URL is the last argument, the scenario
 * and its context come from the environment.
 *
 * The runner's authorization server stands in for whichever party a scenario is about, so what an administrator
 * would configure is read from the protected resource metadata first.
 */
import { createServer } from 'node:http'
import { CarnetClientError, createClient, memoryStore } from '@carnet/client'
import { enterpriseManaged } from '@carnet/client/mcp'
import { Hidden } from '@carnet/protocol'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const serverUrl = process.argv.at(-1)
const scenario = process.env.MCP_CONFORMANCE_SCENARIO
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}')
const metadata = await (await fetch(new URL('/.well-known/oauth-protected-resource/mcp', serverUrl))).json()
const [authorizationServer] = metadata.authorization_servers

const plays = {
  /** Both legs, and a tool call behind them. */
  'auth/enterprise-managed-authorization': async () => {
    const client = createClient({
      issuer: context.idp_issuer,
      client: { id: context.idp_client_id },
      registrations: { [authorizationServer]: { id: context.client_id, secret: context.client_secret } },
      store: memoryStore(),
      allowInsecureLoopback: true,
    })
    // The suite's IdP publishes no keys.
    await client.adopt({ idToken: new Hidden(context.idp_id_token), unsafeSkipSignature: true })
    const mcp = new Client({ name: 'carnet-conformance', version: '0.1.0' })
    const url = new URL(serverUrl)
    await mcp.connect(new StreamableHTTPClientTransport(url, enterpriseManaged(client, url)))
    await mcp.listTools()
    await mcp.callTool({ name: 'test-tool', arguments: {} })
    await mcp.close()
  },
  'auth/resource-mismatch': () => refusedWith('resource-mismatch'),
  'auth/metadata-issuer-mismatch': () => refusedWith('issuer-mismatch'),
  'auth/iss-supported': () => signInEndsWith('id-token-missing'),
  'auth/iss-not-advertised': () => signInEndsWith('id-token-missing'),
  'auth/iss-supported-missing': () => signInEndsWith('response-issuer-missing'),
  'auth/iss-wrong-issuer': () => signInEndsWith('response-issuer-mismatch'),
  'auth/iss-unexpected': () => signInEndsWith('response-issuer-mismatch'),
  'auth/iss-normalized': () => signInEndsWith('response-issuer-mismatch'),
}

await plays[scenario]()

/** A signed-in person connects to the server; the client must stop for exactly this reason. */
async function refusedWith(reason) {
  const company = await aCompany()
  const client = createClient({
    issuer: company.issuer,
    client: { id: 'carnet' },
    registrations: { [authorizationServer]: { id: 'carnet' } },
    store: memoryStore(),
    allowInsecureLoopback: true,
  })
  await client.adopt({ idToken: new Hidden(company.idToken), unsafeSkipSignature: true })
  const outcome = await client.connect(serverUrl)
  company.close()
  expectReason(outcome.reason, reason)
}

/**
 * The scenario's authorization server plays the company login. It gives no ID Token, so a sign-in that passes
 * every check of the authorization response ends with its absence.
 */
async function signInEndsWith(reason) {
  const client = createClient({
    issuer: authorizationServer,
    client: { id: 'carnet' },
    registrations: {},
    store: memoryStore(),
    allowInsecureLoopback: true,
    openBrowser: async (url) => {
      await (await fetch(url)).text()
    },
  })
  try {
    await client.signIn()
    expectReason('none', reason)
  } catch (error) {
    if (!(error instanceof CarnetClientError)) throw error
    expectReason(error.outcome.reason, reason)
  }
}

function expectReason(reason, expected) {
  if (reason !== expected) throw new Error(`The client stopped with "${reason}", not with "${expected}"`)
}

/** Just enough of a company login for somebody to be signed in; nothing is exchanged with it. */
async function aCompany() {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${server.address().port}`
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, sub: 'alice', aud: 'carnet', iat: now, exp: now + 3600 }
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const idToken = `${part({ alg: 'ES256' })}.${part(claims)}.${part('unsigned')}`
  return { issuer, idToken, close: () => server.close() }
}

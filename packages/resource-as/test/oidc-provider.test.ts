/** In front of `oidc-provider`: its interactive flow and our grant as one server, over real HTTP. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { JWT_BEARER_GRANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { inFrontOf, sharedConfiguration } from '@carnet/resource-as/oidc-provider'
import { createGuard } from '@carnet/resource-server'
import { peekJwt, systemClock } from '@carnet/tokens'
import type { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { A, AS_A, basic, idJag, READ, redemptionForm, rs, S, SECRETS, serve } from './fixture.ts'

const VENDOR_CLIENT = { id: 'vendor-app', secret: 'secret-of-vendor-app', redirectUri: 'http://127.0.0.1:1/callback' }

describe.each(['', '/vendor'])('a vendor under the path %j', (path) => {
  let issuer: string
  let served: ReturnType<typeof serve>
  let provider: Provider
  const http = createServer()

  beforeAll(async () => {
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`
    served = serve({ config: { issuer }, clock: systemClock })
    provider = await buildVendor(issuer, served)
    const listener = inFrontOf(provider, served.server)
    http.on('request', (request, response) => {
      if (request.url?.startsWith(`${path}/sign-in/`)) signIn(provider, path, request, response)
      else listener(request, response)
    })
  })
  afterAll(() => {
    http.closeAllConnections()
    http.close()
  })

  const post = async (to: string, parameters: Record<string, string> | string, authorization?: string) => {
    const response = await fetch(to, {
      method: 'POST',
      headers: { ...(authorization !== undefined && { authorization }) },
      body: new URLSearchParams(parameters),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : Object(JSON.parse(text)) }
  }
  const grantOf = () => {
    const now = systemClock.now()
    return redemptionForm(idJag({ aud: issuer, iat: now, exp: now + 300 }))
  }
  const metadataOf = async () => Object(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json())

  test('redeems an ID-JAG at the token endpoint of the provider', async () => {
    const { token_endpoint } = await metadataOf()
    expect(await post(token_endpoint, grantOf(), AS_A)).toMatchObject({ status: 200, body: { resource: S } })
  })

  proves('RAS-17', 'redeems it once', async () => {
    const { token_endpoint } = await metadataOf()
    const grant = grantOf()
    expect((await post(token_endpoint, grant, AS_A)).status).toBe(200)
    expect(await post(token_endpoint, grant, AS_A)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('a repeated parameter is refused in our grant and in the provider’s', async () => {
    const { token_endpoint } = await metadataOf()
    for (const body of [`${grantOf()}&resource=${S}&resource=${S}`, 'grant_type=authorization_code&code=a&code=b']) {
      expect(await post(token_endpoint, body, AS_A)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    }
  })

  proves(['DISC-03', 'DISC-04', 'DISC-06'], 'every spelling of the metadata names both halves', async () => {
    const { origin } = new URL(issuer)
    for (const at of [
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${issuer}/.well-known/openid-configuration`,
    ]) {
      expect(await (await fetch(at)).json()).toMatchObject({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        grant_types_supported: expect.arrayContaining(['authorization_code', JWT_BEARER_GRANT]),
        authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
        code_challenge_methods_supported: ['S256'],
        scopes_supported: expect.arrayContaining(['openid', READ]),
      })
    }
  })

  test('the Host header decides nothing', async () => {
    const { port } = new URL(issuer)
    const forged = await fetch(`http://localhost:${port}${path}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.test' },
    })
    expect(Object(await forged.json()).token_endpoint).toBe(`${issuer}/token`)
  })

  test('there is one key set', async () => {
    const { jwks_uri } = await metadataOf()
    const { keys } = Object(await (await fetch(jwks_uri)).json())
    expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual(['ras-1'])
    expect(JSON.stringify(keys)).not.toContain('"d"')
  })

  test('the interactive flow gives a token like ours: the same guard accepts both', async () => {
    const guard = createGuard({
      resource: S,
      authorizationServers: [{ issuer, feed: { id: rs.id, secret: SECRETS.rs } }],
      tools: { read: [READ] },
      allowInsecureLoopback: true,
    })
    try {
      await guard.ready
      const { token_endpoint } = await metadataOf()
      const ours = await post(token_endpoint, grantOf(), AS_A)
      const theirs = await codeFlow(issuer)
      for (const { access_token } of [ours.body, theirs]) {
        expect(peekJwt(access_token)).toMatchObject({ typ: 'at+jwt', iss: issuer, kid: 'ras-1' })
        const headers = new Headers({ authorization: `Bearer ${access_token}`, host: new URL(S).host })
        const admitted = await guard.check({ method: 'POST', url: S, headers })
        expect(admitted).toMatchObject({ ok: true })
      }
    } finally {
      await guard.close()
    }
  })

  proves('REV-04a', 'introspection at the provider’s endpoint answers for both', async () => {
    const { token_endpoint, introspection_endpoint } = await metadataOf()
    const ours = await post(token_endpoint, grantOf(), AS_A)
    const theirs = await codeFlow(issuer)
    for (const { access_token } of [ours.body, theirs]) {
      const asked = await post(introspection_endpoint, { token: access_token }, basic(rs.id, SECRETS.rs))
      expect(asked.body).toMatchObject({ active: true, aud: S, iss: issuer })
    }
    const opaque = { token: theirs.refresh_token }
    const asVendor = basic(VENDOR_CLIENT.id, VENDOR_CLIENT.secret)
    expect((await post(introspection_endpoint, opaque, asVendor)).body).toMatchObject({ active: true })
  })

  test('revocation at the provider’s endpoint ends both', async () => {
    const { token_endpoint, revocation_endpoint, introspection_endpoint } = await metadataOf()
    const ours = await post(token_endpoint, grantOf(), AS_A)
    const token = ours.body.access_token
    expect((await post(revocation_endpoint, { token }, AS_A)).status).toBe(200)
    expect((await post(introspection_endpoint, { token }, basic(rs.id, SECRETS.rs))).body).toEqual({ active: false })

    const theirs = await codeFlow(issuer)
    const asVendor = basic(VENDOR_CLIENT.id, VENDOR_CLIENT.secret)
    const refresh = { grant_type: 'refresh_token', refresh_token: theirs.refresh_token }
    expect((await post(revocation_endpoint, { token: theirs.refresh_token }, asVendor)).status).toBe(200)
    expect(await post(token_endpoint, refresh, asVendor)).toMatchObject({ body: { error: 'invalid_grant' } })
  })

  test('a client of the provider alone cannot use our grant', async () => {
    const { token_endpoint } = await metadataOf()
    const asVendor = basic(VENDOR_CLIENT.id, VENDOR_CLIENT.secret)
    expect(await post(token_endpoint, grantOf(), asVendor)).toMatchObject({ status: 401 })
    expect(A).not.toBe(VENDOR_CLIENT.id)
  })
})

/** What a vendor has: a provider of its own, with the shared part spread into its configuration. */
async function buildVendor(issuer: string, { server, ports }: ReturnType<typeof serve>): Promise<Provider> {
  const { Provider: ProviderClass } = await import('oidc-provider')
  const { resourceIndicators, ...shared } = sharedConfiguration({ server, registrations: ports.registrations })
  return new ProviderClass(issuer, {
    ...shared,
    clients: [
      {
        client_id: VENDOR_CLIENT.id,
        client_secret: VENDOR_CLIENT.secret,
        redirect_uris: [VENDOR_CLIENT.redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        application_type: 'native',
      },
    ],
    scopes: ['openid', 'offline_access'],
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators,
    },
    interactions: { url: (_ctx, { uid }) => `${issuer}/sign-in/${uid}` },
    issueRefreshToken: async () => true,
    cookies: { keys: ['a key of the vendor'] },
    findAccount: async (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        accountId: ctx.oidc.session?.accountId ?? '',
        clientId: ctx.oidc.client?.clientId ?? '',
      })
      grant.addOIDCScope('openid offline_access')
      grant.addResourceScope(S, READ)
      await grant.save()
      return grant
    },
  })
}

/** The vendor's own sign-in: everybody is let in at once. */
async function signIn(provider: Provider, path: string, request: IncomingMessage, response: ServerResponse) {
  const outside: IncomingMessage & { originalUrl?: string } = request
  outside.originalUrl = request.url ?? ''
  request.url = outside.originalUrl.slice(path.length)
  await provider.interactionFinished(request, response, {
    login: { accountId: 'acct-alice' },
    consent: {},
  })
}

/** A browser and a client in one: the authorization code flow with PKCE, for the MCP server. */
async function codeFlow(issuer: string): Promise<{ access_token: string; refresh_token: string }> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: VENDOR_CLIENT.id,
    redirect_uri: VENDOR_CLIENT.redirectUri,
    response_type: 'code',
    scope: `openid offline_access ${READ}`,
    prompt: 'consent',
    resource: S,
    state: 'state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const cookies = new Map<string, string>()
  let at = `${issuer}/auth?${query}`
  for (let hops = 0; hops < 8 && !at.startsWith(VENDOR_CLIENT.redirectUri); hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${response.status}: ${await response.text()}`)
    at = new URL(location, at).href
  }
  const answer = new URL(at).searchParams
  expect(answer.get('iss')).toBe(issuer)
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: basic(VENDOR_CLIENT.id, VENDOR_CLIENT.secret) },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: answer.get('code') ?? '',
      redirect_uri: VENDOR_CLIENT.redirectUri,
      code_verifier: verifier,
      resource: S,
    }),
  })
  const body = Object(await response.json())
  if (!response.ok) throw new Error(JSON.stringify(body))
  return body
}

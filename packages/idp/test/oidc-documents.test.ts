import { request } from 'node:http'
import { authorizationServerMetadata, metadataUrls, type PersonId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from './oidc-browser.ts'
import {
  authorize,
  authorizeUrl,
  callbackOf,
  claimsOf,
  exchange,
  getJson,
  RESOURCE,
  RESOURCE_AS,
  redeem,
  refresh,
  signIn,
  startWorld,
  tokensOf,
  type World,
} from './oidc-fixture.ts'

for (const path of ['', '/t1']) {
  describe(`an issuer ${path === '' ? 'at the root' : `under ${path}`}`, () => {
    let world: World
    beforeAll(async () => {
      world = await startWorld({ path })
    })
    afterAll(() => world.close())

    const spellings = () => {
      const { origin } = new URL(world.issuer)
      const names = ['oauth-authorization-server', 'openid-configuration']
      return new Set(
        names.flatMap((name) => [`${origin}/.well-known/${name}${path}`, `${origin}${path}/.well-known/${name}`]),
      )
    }

    proves(['DISC-01', 'DISC-06'], 'publishes one document at every spelling of its address', async () => {
      const documents = await Promise.all([...spellings()].map(async (url) => (await fetch(url)).text()))
      expect(new Set(documents).size).toBe(1)
      expect([...spellings()]).toEqual(expect.arrayContaining([...metadataUrls(world.issuer)]))
      const document = JSON.parse(documents[0] ?? '')
      expect(authorizationServerMetadata.safeParse(document).success).toBe(true)
      expect(Object.values(document)).not.toContain(null)
      expect(document.issuer).toBe(world.issuer)
    })

    proves('DISC-06', 'answers 404 at a path it does not have, and never 5xx', async () => {
      const { origin } = new URL(world.issuer)
      for (const url of [
        `${origin}/.well-known/oauth-authorization-server/other`,
        `${origin}/.well-known/openid-configuration/other`,
        `${origin}/other/.well-known/openid-configuration`,
        `${origin}/.well-known/`,
        `${origin}/nothing`,
        `${origin}/%E0%A4%A`,
      ]) {
        expect([url, (await fetch(url)).status]).toEqual([url, 404])
      }
    })

    proves('DISC-07', 'is named byte for byte the same in documents, tokens and responses', async () => {
      const { issuer } = await getJson(world, '/.well-known/openid-configuration')
      const callback = callbackOf(await authorize(world, new Browser()))
      const { idToken } = await signIn(world)
      const idJag = String((await exchange(world, idToken)).json.access_token)
      const names = [issuer, callback.get('iss'), claimsOf(idToken).iss, claimsOf(idJag).iss]
      expect(new Set(names)).toEqual(new Set([world.issuer]))
      expect(world.issuer.endsWith('/')).toBe(false)
    })

    proves('DISC-13', 'says of itself what is true', async () => {
      const metadata = await getJson(world, '/.well-known/openid-configuration')
      expect(metadata).toMatchObject({
        authorization_response_iss_parameter_supported: true,
        client_id_metadata_document_supported: false,
        backchannel_logout_supported: false,
        request_parameter_supported: false,
        claims_parameter_supported: false,
      })
      expect(metadata).not.toHaveProperty('dpop_signing_alg_values_supported')
      expect(metadata).not.toHaveProperty('registration_endpoint')
      expect(metadata).not.toHaveProperty('pushed_authorization_request_endpoint')
      const cimd = await new Browser().get(authorizeUrl(world, { client_id: 'https://app.test/client.json' }))
      expect([cimd.status, cimd.location]).toEqual([400, undefined])
      for (const unadvertised of ['/reg', '/request', '/device/auth']) {
        expect((await fetch(`${world.issuer}${unadvertised}`, { method: 'POST' })).status).toBe(404)
      }
    })

    proves('DISC-14', 'lets any origin read its documents, and only read them', async () => {
      for (const url of [...spellings(), `${world.issuer}/jwks`]) {
        const get = await fetch(url, { headers: { origin: 'https://somewhere.test' } })
        expect([get.status, get.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
        expect(get.headers.get('cache-control')).toMatch(/max-age=\d+/)
        const post = await fetch(url, { method: 'POST', headers: { origin: 'https://somewhere.test' } })
        expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
        const asked = await fetch(url, {
          method: 'OPTIONS',
          headers: { 'access-control-request-headers': 'mcp-protocol-version' },
        })
        expect(asked.status).toBe(204)
        expect(asked.headers.get('access-control-allow-headers')).toContain('MCP-Protocol-Version')
        expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('')
      }
    })

    proves('DISC-01', 'has an endpoint wherever its document says so', async () => {
      const metadata = await getJson(world, '/.well-known/openid-configuration')
      const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri')
      expect(endpoints.length).toBe(8)
      for (const [name, url] of endpoints) {
        expect([name, (await fetch(String(url), { redirect: 'manual' })).status]).not.toEqual([name, 404])
      }
    })

    test('signs in, refreshes and exchanges', async () => {
      const { idToken, refreshToken } = await signIn(world, { scope: 'openid offline_access' })
      expect((await exchange(world, idToken)).status).toBe(200)
      expect((await refresh(world, refreshToken)).status).toBe(200)
    })

    test('builds every address from its own name, whatever the request calls it', async () => {
      const location = await new Promise<string | undefined>((resolve, reject) => {
        const target = new URL(authorizeUrl(world))
        request(
          {
            host: target.hostname,
            port: target.port,
            path: target.pathname + target.search,
            headers: { host: 'evil.test', 'x-forwarded-host': 'evil.test' },
          },
          (response) => {
            response.resume()
            resolve(response.headers.location)
          },
        )
          .on('error', reject)
          .end()
      })
      expect(location?.startsWith(`${world.issuer}/sign-in/`)).toBe(true)
    })
  })
}

describe('the ID-JAG in the metadata', () => {
  proves('DISC-02', 'is there by default, and can be left out without its use ending', async () => {
    const shown = await startWorld()
    const hidden = await startWorld({ hideIdJagSupport: true })
    try {
      const member = 'identity_chaining_requested_token_types_supported'
      expect((await getJson(shown, '/.well-known/openid-configuration'))[member]).toEqual([
        'urn:ietf:params:oauth:token-type:id-jag',
      ])
      expect(await getJson(hidden, '/.well-known/openid-configuration')).not.toHaveProperty(member)
      expect((await exchange(hidden, (await signIn(hidden)).idToken)).status).toBe(200)
    } finally {
      await shown.close()
      await hidden.close()
    }
  })
})

describe('the list of servers', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
  })
  afterAll(() => world.close())

  const list = (accessToken: string | undefined) =>
    fetch(`${world.issuer}/servers`, {
      headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
    })

  test('names what policy opens to this person through this client, and nothing else', async () => {
    const { accessToken } = await signIn(world)
    const reply = await list(accessToken)
    expect([reply.status, reply.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await reply.json()).toEqual({
      servers: [{ resource: RESOURCE, name: 'Chat', authorization_server: RESOURCE_AS, scopes: ['chat.read'] }],
    })
  })

  test('is empty for a person policy opens nothing to', async () => {
    const credentials = { username: 'bob', password: 'battery staple' }
    const code = callbackOf(await authorize(world, new Browser(), {}, credentials)).get('code')
    const { accessToken } = tokensOf(await redeem(world, code))
    expect(await (await list(accessToken)).json()).toEqual({ servers: [] })
  })

  test('is for a live access token of this issuer only', async () => {
    const { accessToken, idToken } = await signIn(world)
    const anonymous = await list(undefined)
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    for (const other of [idToken, 'nonsense', `${accessToken}x`]) {
      const reply = await list(other)
      expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    }
    for (const issuer of world.issuers) await issuer.endPerson('person-alice' as PersonId)
    expect((await list(accessToken)).status).toBe(401)
  })
})

import {
  Fault,
  Hidden,
  type IssuerId,
  type OutboundHttp,
  type OutboundRequest,
  type ResourceId,
} from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW, SeededRandom } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { ISSUER, RESOURCE } from '../../test/fixture/issuer.ts'
import { introspect } from './introspect.ts'
import { createTokenVerifier } from './token-verifier.ts'

const endpoint = { issuer: ISSUER as IssuerId, url: `${ISSUER}/introspect`, id: 'rs', secret: new Hidden('s3cret') }
const active = {
  active: true,
  iss: ISSUER,
  sub: 'account-alice',
  aud: RESOURCE,
  client_id: 'assistant',
  exp: NOW + 600,
  scope: 'a b',
}

/** An introspection endpoint with one answer, which remembers what it was asked. */
function answering(body: unknown, status = 200) {
  const asked: OutboundRequest[] = []
  const http: OutboundHttp = {
    async send(request) {
      asked.push(request)
      return { status, headers: new Headers(), body: typeof body === 'string' ? body : JSON.stringify(body) }
    },
  }
  return { http, asked }
}
const ask = (http: OutboundHttp) => introspect('opaque', RESOURCE as ResourceId, endpoint, http)

describe('an opaque token', () => {
  proves('RS-11', 'is good when its server, asked by an authenticated resource server, says so', async () => {
    const { http, asked } = answering(active)
    expect(await ask(http)).toMatchObject({ ok: true, value: { sub: 'account-alice', exp: NOW + 600 } })
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: `${ISSUER}/introspect`,
        headers: { authorization: `Basic ${btoa('rs:s3cret')}` },
        body: 'token=opaque&token_type_hint=access_token',
      },
    ])
  })

  for (const [fault, answer, reason] of [
    ['is not active', { active: false }, 'inactive'],
    ['is not clearly active', { ...active, active: 'true' }, 'invalid-claims'],
    ['has no exp', { ...active, exp: undefined }, 'invalid-claims'],
    ['has no aud', { ...active, aud: undefined }, 'invalid-claims'],
    ['has no sub', { ...active, sub: undefined }, 'invalid-claims'],
    ['is for another resource', { ...active, aud: 'https://mcp.chat.test/files' }, 'wrong-audience'],
    ['is for several others', { ...active, aud: ['a', 'b'] }, 'wrong-audience'],
    ['is of another issuer', { ...active, iss: 'https://auth.wiki.test' }, 'unknown-issuer'],
  ] as const) {
    proves('RS-11', `is refused when it ${fault}`, async () => {
      expect(await ask(answering(answer).http)).toMatchObject({ ok: false, refusal: { reason } })
    })
  }

  for (const [fault, { http }] of [
    ['is down', answering('', 503)],
    ['does not know us', answering({ error: 'invalid_client' }, 401)],
    ['answers something else', answering('<html>')],
  ] as const) {
    proves('RS-11', `lets nobody in when its server ${fault}`, async () => {
      await expect(ask(http)).rejects.toThrow(Fault)
    })
  }

  test('that is bound to a key is refused', async () => {
    expect(await ask(answering({ ...active, cnf: { jkt: 'x' } }).http)).toMatchObject({
      refusal: { reason: 'key-bound' },
    })
  })
})

describe('a verified opaque token', () => {
  function verifierOver(http: OutboundHttp) {
    return createTokenVerifier({
      resource: RESOURCE as ResourceId,
      issuers: new Map(),
      introspection: { ...endpoint, cacheSeconds: 30 },
      skewSeconds: 0,
      maxTokens: 2,
      http,
      random: new SeededRandom('introspect'),
    })
  }
  const at = (seconds: number) => (NOW + seconds) as typeof NOW

  proves('RS-11', 'is believed for thirty seconds and then asked about again', async () => {
    const { http } = answering(active)
    const verifier = verifierOver(http)
    await verifier.verify('opaque', NOW)
    expect(verifier.known('opaque', at(29))).toMatchObject({ subject: 'account-alice', scopes: ['a', 'b'] })
    expect(verifier.known('opaque', at(30))).toBeUndefined()
  })

  proves('RS-11', 'is not believed beyond its own end', async () => {
    const verifier = verifierOver(answering({ ...active, exp: NOW + 10 }).http)
    await verifier.verify('opaque', NOW)
    expect(verifier.known('opaque', at(9))).toBeDefined()
    expect(verifier.known('opaque', at(10))).toBeUndefined()
  })

  test('is asked about once by many requests at once, and forgotten when there are too many', async () => {
    const { http, asked } = answering(active)
    const verifier = verifierOver(http)
    await Promise.all([1, 2, 3].map(() => verifier.verify('opaque', NOW)))
    expect(asked.length).toBe(1)
    for (const token of ['b', 'c']) await verifier.verify(token, NOW)
    expect(verifier.known('opaque', NOW)).toBeUndefined()
  })
})

import { describe, expect, test } from 'vitest'
import type { GuardConfig } from './config.ts'
import { resolveConfig } from './resolve-config.ts'

const good: GuardConfig = {
  resource: 'https://mcp.chat.test/mcp',
  authorizationServers: [{ issuer: 'https://auth.chat.test/ras' }],
  tools: { read: ['chat.read'] },
}

describe('a configuration', () => {
  test('of three lines is enough', () => {
    const { servers, address, skewSeconds, requireExtension } = resolveConfig(good)
    expect(servers).toMatchObject([{ issuer: 'https://auth.chat.test/ras', feed: undefined, events: undefined }])
    expect([...address.hosts, ...address.origins]).toEqual(['mcp.chat.test', 'https://mcp.chat.test'])
    expect([skewSeconds, requireExtension]).toEqual([60, false])
  })

  test('derives the endpoints from the issuer identifier', () => {
    const own = { id: 'rs', secret: 's' }
    const [server] = resolveConfig({
      ...good,
      authorizationServers: [{ issuer: 'https://auth.chat.test/ras', feed: own, introspection: own, events: own }],
    }).servers
    expect(server).toMatchObject({
      feed: { url: 'https://auth.chat.test/ras/revocations', staleAfterSeconds: 30 },
      introspection: { url: 'https://auth.chat.test/ras/introspect', cacheSeconds: 30 },
      events: { url: 'https://auth.chat.test/ras/events' },
    })
    expect(JSON.stringify(server)).toContain('[hidden]')
  })

  test('with faults is refused with all of them, by path, and with no secret', () => {
    const credentials = { id: 'rs', secret: 'do-not-print' }
    const bad: GuardConfig = {
      resource: 'mcp',
      authorizationServers: [
        { issuer: 'http://auth.chat.test/', introspection: { ...credentials, cacheSeconds: 61 } },
        {
          issuer: 'https://b.test',
          introspection: credentials,
          feed: { ...credentials, id: '', staleAfterSeconds: 1 },
        },
        { issuer: 'https://b.test', jwksUri: 'http://127.0.0.1/jwks' },
      ],
      tools: { read: ['not a scope'] },
      impliedScopes: { 'chat admin': [] },
      scopes: ['offline_access'],
      skewSeconds: 121,
    }
    const message = (() => {
      try {
        resolveConfig(bad)
      } catch (error) {
        return (error as Error).message
      }
    })()
    for (const path of [
      'resource:',
      'authorizationServers: names an issuer twice',
      'authorizationServers: only one may have introspection',
      'authorizationServers[0].issuer: must be an https URL',
      'authorizationServers[0].issuer: must not end with a slash',
      'authorizationServers[0].introspection.cacheSeconds: must be 0 to 60',
      'authorizationServers[1].feed: needs an id and a secret',
      'authorizationServers[1].feed.staleAfterSeconds: must be 2 to 300',
      'authorizationServers[2].jwksUri: must be an https URL',
      'tools.read: holds something that is no scope',
      'impliedScopes.chat admin: holds',
      'scopes: must not hold offline_access',
      'skewSeconds: must be 0 to 120',
    ]) {
      expect(message).toContain(path)
    }
    expect(message).not.toContain('do-not-print')
  })

  test('may name a loopback server over http only when told that this is development', () => {
    const local = { ...good, authorizationServers: [{ issuer: 'http://localhost:7400/ras' }] }
    expect(() => resolveConfig(local)).toThrow('authorizationServers[0].issuer')
    expect(resolveConfig({ ...local, allowInsecureLoopback: true }).servers.length).toBe(1)
  })
})

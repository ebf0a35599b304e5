import type { ClientId, IssuerId, ResourceId, Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { app, chat, chatAs, R, S, SELF, wiki, wikiAs } from '../test/example.ts'
import { lintRegistry, type RegistryContents } from './lint-registry.ts'
import type { AuthorizationServerEntry, ClientEntry, ServerEntry } from './types.ts'

const good: RegistryContents = { authorizationServers: [chatAs, wikiAs], servers: [chat, wiki], clients: [app] }

function lint(change: Partial<RegistryContents>) {
  return lintRegistry({ ...good, ...change }, SELF)
}

function scopesNamed(...names: string[]): ServerEntry['scopes'] {
  return names.map((name) => ({ name: name as Scope, title: name, class: 'read' }))
}

test('a registry in which everything is right has no problem', () => {
  expect(lint({})).toEqual([])
})

test('an empty registry has no problem', () => {
  expect(lint({ authorizationServers: [], servers: [], clients: [] })).toEqual([])
})

const wrongServers: readonly (readonly [string, Partial<ServerEntry>, string])[] = [
  ['a resource without a path', { resource: 'https://mcp.wiki.test' as ResourceId }, 'servers[1].resource has no path'],
  [
    'a resource that is a bare host with its slash',
    { resource: 'https://mcp.wiki.test/' as ResourceId },
    'servers[1].resource has no path',
  ],
  [
    'a resource that ends in a slash',
    { resource: 'https://mcp.wiki.test/mcp/' as ResourceId },
    'servers[1].resource ends in a slash',
  ],
  [
    'a resource with a fragment',
    { resource: 'https://mcp.wiki.test/mcp#x' as ResourceId },
    'servers[1].resource has a fragment',
  ],
  ['a resource registered twice', { resource: S }, 'servers[1].resource is registered twice'],
  [
    'a resource registered twice in other spelling',
    { resource: 'https://MCP.chat.test/mcp' as ResourceId },
    'servers[1].resource is registered twice',
  ],
  [
    'a scope without a prefix',
    { scopes: scopesNamed('read') },
    'servers[1].scopes[0].name has no prefix, as in "chat.read"',
  ],
  [
    'scopes of different prefixes',
    { scopes: scopesNamed('wiki.read', 'docs.read') },
    'servers[1].scopes[1].name has another prefix than the first scope',
  ],
  [
    'the prefix of another server',
    { scopes: scopesNamed('chat.search') },
    'servers[1].scopes share their prefix with those of another server',
  ],
  [
    'offline_access among the scopes',
    { scopes: scopesNamed('wiki.read', 'offline_access') },
    'servers[1].scopes[1].name is never granted at an MCP server',
  ],
]
for (const [fault, change, problem] of wrongServers) {
  proves('DISC-09', `finds ${fault}`, () => {
    expect(lint({ servers: [chat, { ...wiki, ...change }] }).map(({ path, message }) => `${path} ${message}`)).toEqual([
      problem,
    ])
  })
}

proves('DISC-09', 'accepts scopes prefixed with a colon or a slash, and a resource with a deep path', () => {
  expect(lint({ servers: [chat, { ...wiki, scopes: scopesNamed('wiki:read', 'wiki/write') }] })).toEqual([])
  expect(lint({ servers: [chat, { ...wiki, resource: 'https://x.test/a/b/mcp?v=1' as ResourceId }] })).toEqual([])
})

describe('also found', () => {
  const others: readonly (readonly [string, Partial<RegistryContents>, string])[] = [
    [
      'a resource over plain http',
      { servers: [{ ...chat, resource: 'http://mcp.chat.test/mcp' as ResourceId }] },
      'servers[0].resource',
    ],
    [
      'a server of an unknown authorization server',
      { servers: [{ ...chat, authorizationServer: 'https://x.test' as IssuerId }] },
      'servers[0].authorizationServer',
    ],
    [
      'a scope that is none',
      { servers: [{ ...chat, scopes: scopesNamed('chat.read', 'chat.a b') }] },
      'servers[0].scopes[1].name',
    ],
    [
      'a scope there twice',
      { servers: [{ ...chat, scopes: scopesNamed('chat.read', 'chat.read') }] },
      'servers[0].scopes[1].name',
    ],
    [
      'a tool there twice',
      { servers: [{ ...chat, tools: [...chat.tools, ...chat.tools] }] },
      'servers[0].tools[1].name',
    ],
    [
      'a tool that needs an unknown scope',
      { servers: [{ ...chat, tools: [{ name: 't', class: 'read', scopes: ['chat.x' as Scope] }] }] },
      'servers[0].tools[0].scopes[0]',
    ],
    ...authorizationServers([
      ['an issuer with a query', { issuer: 'https://as.test?x' as IssuerId }, 'issuer'],
      ['an issuer over plain http', { issuer: 'http://as.test' as IssuerId }, 'issuer'],
      ['the issuer itself', { issuer: SELF }, 'issuer'],
      ['an authorization server registered twice', { issuer: R }, 'issuer'],
      ['an ID-JAG lifetime under 30 s', { idJagLifetimeSeconds: 29 }, 'idJagLifetimeSeconds'],
      ['an ID-JAG lifetime over 600 s', { idJagLifetimeSeconds: 601 }, 'idJagLifetimeSeconds'],
      ['an ID-JAG lifetime in fractions', { idJagLifetimeSeconds: 60.5 }, 'idJagLifetimeSeconds'],
      ['an empty sector', { subjectRule: { kind: 'pairwise', sector: '' } }, 'subjectRule.sector'],
      ['an alias that is the issuer itself', { aliases: [SELF] }, 'aliases[0]'],
      ['an alias that is another issuer', { aliases: [R] }, 'aliases[0]'],
      ['an alias used twice', { aliases: ['urn:x', 'urn:x'] }, 'aliases[1]'],
    ]),
    ...clients([
      ['a client id that does not print', { id: 'a b' as ClientId }, 'id'],
      ['no way to authenticate', { authMethods: [] }, 'authMethods'],
      [
        '"none" beside a real method',
        { authMethods: ['none', 'client_secret_post'], publicException: true },
        'authMethods',
      ],
      ['a public exception for a client that has a secret', { publicException: true }, 'publicException'],
      ['a secret method without a secret', { secrets: [] }, 'secrets'],
      [
        'a secret in place of its hash',
        { secrets: [{ sha256: 'correct horse', until: undefined }] },
        'secrets[0].sha256',
      ],
      ['private_key_jwt without a key', { authMethods: ['private_key_jwt'], jwks: { keys: [] } }, 'jwks'],
      ['a plain http redirect', { redirectUris: ['http://app.test/cb'] }, 'redirectUris[0]'],
      ['a redirect with a fragment', { redirectUris: ['https://app.test/cb#x'] }, 'redirectUris[0]'],
      ['a private-use scheme of a web client', { redirectUris: ['com.example.app:/cb'] }, 'redirectUris[0]'],
      [
        'a scheme every application could claim',
        { applicationType: 'native', redirectUris: ['javascript:/x'] },
        'redirectUris[0]',
      ],
      [
        'a registration at nobody',
        { registrations: { 'https://x.test': 'a' as ClientId } },
        'registrations["https://x.test"]',
      ],
      ['an empty id there', { registrations: { [R]: '' as ClientId } }, `registrations["${R}"]`],
    ]),
  ]
  for (const [fault, change, path] of others) {
    test(fault, () => expect(lint(change).map((problem) => problem.path)).toEqual([path]))
  }

  test('a client registered twice', () => {
    expect(lint({ clients: [app, app] })).toEqual([{ path: 'clients[1].id', message: 'is registered twice' }])
  })
})

describe('not a problem', () => {
  test('a foreign issuer that ends in a slash', () => {
    expect(
      lint({ authorizationServers: [chatAs, wikiAs, { ...wikiAs, issuer: 'https://as.test/' as IssuerId }] }),
    ).toEqual([])
  })
  test('plain http on this machine', () => {
    const issuer = 'http://localhost:7400/as' as IssuerId
    expect(lint({ authorizationServers: [chatAs, wikiAs, { ...wikiAs, issuer }] })).toEqual([])
  })
  test('a native client with a scheme of its own and a loopback redirect', () => {
    const redirectUris = ['com.example.app:/cb', 'http://127.0.0.1/cb']
    expect(lint({ clients: [{ ...app, applicationType: 'native', redirectUris }] })).toEqual([])
  })
})

test('every problem is reported at once', () => {
  const problems = lint({
    authorizationServers: [{ ...chatAs, idJagLifetimeSeconds: 0 }, wikiAs],
    servers: [{ ...chat, resource: 'https://mcp.chat.test#x' as ResourceId }, wiki],
    clients: [{ ...app, secrets: [], redirectUris: ['x'] }],
  })
  expect(problems.map(({ path }) => path)).toEqual([
    'authorizationServers[0].idJagLifetimeSeconds',
    'servers[0].resource',
    'servers[0].resource',
    'clients[0].secrets',
    'clients[0].redirectUris[0]',
  ])
})

type Row = readonly [string, Partial<RegistryContents>, string]

function authorizationServers(rows: readonly (readonly [string, Partial<AuthorizationServerEntry>, string])[]): Row[] {
  const entry = { ...chatAs, issuer: 'https://as.test' as IssuerId }
  return rows.map(([fault, change, path]) => [
    fault,
    { authorizationServers: [chatAs, wikiAs, { ...entry, ...change }] },
    `authorizationServers[2].${path}`,
  ])
}

function clients(rows: readonly (readonly [string, Partial<ClientEntry>, string])[]): Row[] {
  return rows.map(([fault, change, path]) => [fault, { clients: [{ ...app, ...change }] }, `clients[0].${path}`])
}

import type { ClientId, IssuerId, ResourceId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { app, chat, chatAs, R, R2, S, S2, SELF, snapshotOf, wiki, wikiAs } from '../test/example.ts'
import { resolveTarget, type TargetRequest } from './resolve-target.ts'

const asked: TargetRequest = { self: SELF, audience: R, resources: [S], client: app }
const files = { ...chat, resource: 'https://mcp.chat.test/files' as ResourceId }

function resolve(change: Partial<TargetRequest>, snapshot = snapshotOf()) {
  return resolveTarget(snapshot, { ...asked, ...change })
}

function reasonOf(result: ReturnType<typeof resolve>): string {
  return result.ok ? 'accepted' : result.refusal.reason
}

test('a registered pair resolves to its entries', () => {
  expect(resolve({})).toEqual({
    ok: true,
    value: { authorizationServer: chatAs, server: chat, clientIdThere: 'app-at-chat' },
  })
})

proves('IDP-13', 'refuses an audience that is no registered authorization server', () => {
  expect(reasonOf(resolve({ audience: 'https://nobody.test' }))).toBe('unknown-audience')
})

proves('IDP-13', 'refuses a resource identifier in place of the audience', () => {
  expect(reasonOf(resolve({ audience: S }))).toBe('unknown-audience')
})

proves('IDP-14', 'resolves a configured alias to the authorization server', () => {
  const withAlias = snapshotOf({ authorizationServers: [{ ...chatAs, aliases: ['urn:acme:chat'] }, wikiAs] })
  expect(resolve({ audience: 'urn:acme:chat' }, withAlias)).toMatchObject({
    ok: true,
    value: { authorizationServer: { issuer: R } },
  })
})

proves(['IDP-13', 'IDP-14'], 'refuses an alias that is not configured', () => {
  expect(reasonOf(resolve({ audience: 'urn:acme:chat' }))).toBe('unknown-audience')
})

proves('IDP-14', 'gives an issuer identifier to its owner, whatever another entry calls itself', () => {
  const posing = snapshotOf({ authorizationServers: [chatAs, { ...wikiAs, aliases: [R] }] })
  expect(resolve({}, posing)).toMatchObject({ value: { authorizationServer: { issuer: R } } })
})

const tolerant = snapshotOf({ authorizationServers: [{ ...chatAs, acceptsSlashVariant: true }, wikiAs] })

proves(['IDP-13', 'IDP-36'], 'refuses any other spelling of the issuer', () => {
  for (const audience of [`${R}/`, 'https://AUTH.chat.test', 'https://auth.chat.test:443', ` ${R}`]) {
    expect(reasonOf(resolve({ audience }))).toBe('unknown-audience')
  }
  expect(reasonOf(resolve({ audience: `${R}//` }, tolerant))).toBe('unknown-audience')
})

proves('IDP-36', 'accepts an issuer with one more slash where the entry says so, and answers as configured', () => {
  expect(resolve({ audience: `${R}/` }, tolerant)).toMatchObject({ value: { authorizationServer: { issuer: R } } })
})

proves('IDP-36', 'accepts an issuer that ends in a slash without it, where the entry says so', () => {
  const issuer = `${R}/` as IssuerId
  const slashed = snapshotOf({
    authorizationServers: [{ ...chatAs, issuer, acceptsSlashVariant: true }],
    servers: [{ ...chat, authorizationServer: issuer }],
  })
  const client = { ...app, registrations: { [issuer]: 'app-at-chat' as ClientId } }
  expect(resolve({ client }, slashed)).toMatchObject({ value: { authorizationServer: { issuer } } })
})

proves(['IDP-27', 'THR-02'], 'refuses a known resource that the audience does not govern', () => {
  expect(reasonOf(resolve({ resources: [S2] }))).toBe('resource-not-governed')
  expect(reasonOf(resolve({ audience: R2 }))).toBe('resource-not-governed')
})

proves('IDP-27', 'refuses an unknown resource', () => {
  expect(reasonOf(resolve({ resources: ['https://mcp.chat.test/other'] }))).toBe('resource-not-governed')
})

for (const state of ['proposed', 'suspended', 'retired'] as const) {
  proves('IDP-27', `refuses a server that is ${state}`, () => {
    const snapshot = snapshotOf({ servers: [{ ...chat, state }, wiki] })
    expect(reasonOf(resolve({}, snapshot))).toBe('server-not-approved')
  })
}

proves(
  'IDP-28',
  'finds a resource whatever the case of its host and one trailing slash, and answers as registered',
  () => {
    for (const resource of ['https://MCP.chat.test/mcp/', 'HTTPS://mcp.chat.test/mcp', `${S}/`]) {
      expect(resolve({ resources: [resource] })).toMatchObject({ ok: true, value: { server: { resource: S } } })
    }
    for (const resource of [`${S}//`, 'https://mcp.chat.test/MCP', `${S}?x=1`, 'http://mcp.chat.test/mcp']) {
      expect(reasonOf(resolve({ resources: [resource] }))).toBe('resource-not-governed')
    }
  },
)

for (const resource of ['mcp.chat.test', `${S}#x`, `${S}#`, '/mcp', '', 'https://user@mcp.chat.test/mcp']) {
  proves('IDP-28', `refuses ${JSON.stringify(resource)} as a resource`, () => {
    expect(reasonOf(resolve({ resources: [resource] }))).toBe('malformed-resource')
  })
}

proves('IDP-29', 'takes the only approved server of the audience where no resource is named', () => {
  expect(resolve({ resources: [] })).toMatchObject({ ok: true, value: { server: chat } })
  const others = snapshotOf({ servers: [chat, { ...files, state: 'suspended' }, wiki] })
  expect(resolve({ resources: [] }, others)).toMatchObject({ ok: true, value: { server: chat } })
})

proves('IDP-29', 'refuses a request without resource where the audience governs several', () => {
  const refusal = { reason: 'resource-needed', governed: 2 }
  expect(resolve({ resources: [] }, snapshotOf({ servers: [chat, files, wiki] }))).toEqual({ ok: false, refusal })
})

proves('IDP-29', 'refuses a request without resource where the audience governs none', () => {
  expect(reasonOf(resolve({ resources: [] }, snapshotOf({ servers: [wiki] })))).toBe('resource-not-governed')
})

proves('IDP-29', 'refuses several resources, even the same one twice', () => {
  expect(reasonOf(resolve({ resources: [S, files.resource] }))).toBe('several-resources')
  expect(reasonOf(resolve({ resources: [S, S] }))).toBe('several-resources')
})

proves('IDP-37a', 'gives the id the client has at that authorization server', () => {
  expect(resolve({ audience: R2, resources: [S2] })).toMatchObject({ value: { clientIdThere: 'app-at-wiki' } })
})

proves('IDP-37a', 'refuses a client that has no id there', () => {
  const client = { ...app, registrations: { [R2]: 'app-at-wiki' as ClientId } }
  expect(reasonOf(resolve({ client }))).toBe('client-not-mapped')
  const objectWord = 'constructor' as IssuerId
  const snapshot = snapshotOf({ authorizationServers: [{ ...chatAs, issuer: objectWord }] })
  expect(reasonOf(resolve({ audience: objectWord, client }, snapshot))).toBe('client-not-mapped')
})

const selfAs = { ...chatAs, issuer: SELF, aliases: ['urn:acme:self'] }
const selfRegistered = snapshotOf({
  authorizationServers: [chatAs, selfAs],
  servers: [chat, { ...wiki, authorizationServer: SELF }],
})
const selfMapped = { ...app, registrations: { [SELF]: 'app' as ClientId } }

for (const audience of [SELF, 'urn:acme:self']) {
  proves('IDP-44', `never resolves to the issuer itself, asked for as ${audience}`, () => {
    expect(reasonOf(resolve({ audience, resources: [S2], client: selfMapped }, selfRegistered))).toBe('own-audience')
  })
}

proves('IDP-44', 'refuses its own issuer identifier where another entry uses it as an alias', () => {
  const posing = snapshotOf({ authorizationServers: [{ ...chatAs, aliases: [SELF] }] })
  expect(reasonOf(resolve({ audience: SELF }, posing))).toBe('own-audience')
})

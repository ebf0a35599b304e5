import type { ClientId, ResourceId, Scope } from '@carnet/protocol'
import { expect, test } from 'vitest'
import { app, chat, chatAs, R, R2, S, SELF, snapshotOf, wiki, wikiAs } from '../test/example.ts'
import { entitledServers, targetsOf } from './entitled-servers.ts'
import { resolveTarget } from './resolve-target.ts'

test('servers are listed with what policy gives there, and not listed where that is nothing', () => {
  const listed = entitledServers(snapshotOf(), SELF, app, ({ server }) =>
    server.resource === S ? ['chat.read' as Scope] : [],
  )
  expect(listed).toEqual([
    { authorizationServer: chatAs, server: chat, clientIdThere: 'app-at-chat', scopes: ['chat.read'] },
  ])
})

test('exactly what could be exchanged for is a target', () => {
  const suspended = { ...chat, resource: 'https://mcp.chat.test/old' as ResourceId, state: 'suspended' as const }
  const own = { ...wiki, resource: 'https://idp.acme.test/mcp' as ResourceId, authorizationServer: SELF }
  const snapshot = snapshotOf({
    authorizationServers: [chatAs, wikiAs, { ...chatAs, issuer: SELF }],
    servers: [chat, suspended, wiki, own],
  })
  const clients = [app, { ...app, registrations: { [R2]: 'x' as ClientId, [SELF]: 'y' as ClientId } }]
  for (const client of clients) {
    const targets = targetsOf(snapshot, SELF, client)
    const pairs = [R, R2, SELF].flatMap((audience) => snapshot.servers.map(({ resource }) => ({ audience, resource })))
    const accepted = pairs.flatMap(({ audience, resource }) => {
      const result = resolveTarget(snapshot, { self: SELF, audience, resources: [resource], client })
      return result.ok ? [result.value] : []
    })
    expect(targets).toEqual(accepted)
    expect(targets.length).toBe(client === app ? 2 : 1)
  }
})

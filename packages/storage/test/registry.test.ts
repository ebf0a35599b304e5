import type { ClientId, IssuerId, ResourceId } from '@carnet/protocol'
import { type RegistrySnapshot, resolveTarget } from '@carnet/registry'
import { proves } from '@carnet/requirements/vitest'
import { createRegistryStore, type RegistryStore } from '@carnet/storage'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { app, chat, chatAs, R, R2, S, SELF, wiki, wikiAs } from '../../registry/test/example.ts'
import { describeOnBothDatabases, quietLog } from './both-databases.ts'

describeOnBothDatabases('The registry', (open) => {
  let store: RegistryStore
  /** Stands for another process. */
  let other: RegistryStore

  beforeAll(async () => {
    store = await createRegistryStore(await open(), { self: SELF, log: quietLog })
    other = await createRegistryStore(await open(), { self: SELF, log: quietLog })
  })
  afterAll(() => {
    store.close()
    other.close()
  })

  function heard(check: (snapshot: RegistrySnapshot) => void): Promise<void> {
    return vi.waitFor(() => check(other.current()), { timeout: 10_000 })
  }

  test('begins empty', () => {
    expect(store.current()).toEqual({ version: '0', authorizationServers: [], servers: [], clients: new Map() })
  })

  test('gives back what was put, in the order of registration, to every process', async () => {
    const put = { authorizationServers: [wikiAs, chatAs], servers: [wiki, chat], clients: [app] }
    const changed = await store.change({ put })
    expect(changed).toMatchObject({ ok: true, value: { version: '1' } })
    expect(store.current()).toEqual({
      version: '1',
      authorizationServers: [wikiAs, chatAs],
      servers: [wiki, chat],
      clients: new Map([[app.id, app]]),
    })
    await heard((snapshot) => expect(snapshot).toEqual(store.current()))
  })

  test('keeps the place of an entry that is replaced', async () => {
    await store.change({ put: { servers: [{ ...wiki, name: 'Wiki, new' }] } })
    expect(store.current().servers.map(({ name }) => name)).toEqual(['Wiki, new', 'Chat'])
  })

  test('refuses a change with every problem, and makes no part of it', async () => {
    const before = store.current()
    const result = await store.change({
      put: {
        servers: [{ ...chat, resource: 'https://mcp.other.test' as ResourceId }],
        clients: [{ ...app, name: 'Renamed' }],
      },
    })
    expect(result).toMatchObject({
      ok: false,
      refusal: { problems: [{ path: 'servers[2].resource' }, { path: 'servers[2].scopes' }] },
    })
    expect(store.current()).toEqual(before)
  })

  test('refuses the second of two changes that are right only apart', async () => {
    const first = { ...wikiAs, issuer: 'https://as-1.test' as IssuerId, aliases: ['urn:one'] }
    const second = { ...wikiAs, issuer: 'https://as-2.test' as IssuerId, aliases: ['urn:one'] }
    const results = await Promise.all([
      store.change({ put: { authorizationServers: [first] } }),
      other.change({ put: { authorizationServers: [second] } }),
    ])
    expect(results.map(({ ok }) => ok).sort()).toEqual([false, true])
  })

  proves(
    'REG-11a',
    'ends exchanges of a client towards an authorization server when its registration is removed',
    async () => {
      const ask = (snapshot: RegistrySnapshot) => {
        const client = snapshot.clients.get(app.id)
        if (client === undefined) throw new Error('The client is gone')
        return resolveTarget(snapshot, { self: SELF, audience: R, resources: [S], client })
      }
      expect(ask(other.current())).toMatchObject({ ok: true, value: { clientIdThere: 'app-at-chat' } })
      await store.change({ put: { clients: [{ ...app, registrations: { [R2]: 'app-at-wiki' as ClientId } }] } })
      expect(ask(store.current())).toMatchObject({ ok: false, refusal: { reason: 'client-not-mapped' } })
      await heard((snapshot) => expect(ask(snapshot)).toMatchObject({ ok: false }))
    },
  )

  proves('REG-11a', 'forgets a client that is removed', async () => {
    await store.change({ remove: { clients: [app.id] } })
    expect(store.current().clients.size).toBe(0)
    await heard((snapshot) => expect(snapshot.clients.size).toBe(0))
  })

  test('removes servers with their authorization server, in one change', async () => {
    const removed = await store.change({ remove: { authorizationServers: [R], servers: [S] } })
    expect(removed).toMatchObject({ ok: true })
    expect(store.current().servers.map(({ resource }) => resource)).toEqual([wiki.resource])
  })
})

import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { app, chat, chatAs, R, R2, S2, SELF, wiki, wikiAs } from '../test/example.ts'
import { changeRegistry } from './change-registry.ts'
import type { RegistryContents } from './lint-registry.ts'

const before: RegistryContents = { authorizationServers: [chatAs, wikiAs], servers: [chat, wiki], clients: [app] }

test('entries are added, replaced by their key and removed', () => {
  const renamed = { ...chat, name: 'Chat, new' }
  const { [R]: there = app.id } = app.registrations
  const client = { ...app, registrations: { [R]: there } }
  const change = {
    put: { servers: [renamed], clients: [client] },
    remove: { servers: [S2], authorizationServers: [R2] },
  }
  expect(changeRegistry(before, change, SELF)).toEqual({
    ok: true,
    value: { authorizationServers: [chatAs], servers: [renamed], clients: [client] },
  })
})

test('a change that leaves something dangling is refused whole', () => {
  expect(changeRegistry(before, { remove: { authorizationServers: [R2] } }, SELF)).toMatchObject({
    ok: false,
    refusal: {
      problems: [{ path: 'servers[1].authorizationServer' }, { path: `clients[0].registrations["${R2}"]` }],
    },
  })
})

for (const subjectRule of [{ kind: 'pairwise', sector: 'chat' }, { kind: 'external-id' }] as const) {
  proves('IDP-38a', `refuses to change the subject rule of a registered entry to ${subjectRule.kind}`, () => {
    const put = { authorizationServers: [{ ...wikiAs, subjectRule }] }
    expect(changeRegistry(before, { put }, SELF)).toMatchObject({
      ok: false,
      refusal: { problems: [{ path: 'authorizationServers[1].subjectRule' }] },
    })
  })
}

proves('IDP-38a', 'refuses to change the sector of a pairwise rule, and nothing else about the entry', () => {
  const pairwise = { ...wikiAs, subjectRule: { kind: 'pairwise', sector: 'wiki' } as const }
  const contents = { ...before, authorizationServers: [chatAs, pairwise] }
  const moved = { ...pairwise, subjectRule: { kind: 'pairwise', sector: 'docs' } as const }
  expect(changeRegistry(contents, { put: { authorizationServers: [moved] } }, SELF).ok).toBe(false)
  expect(changeRegistry(contents, { put: { authorizationServers: [{ ...pairwise, name: 'W' }] } }, SELF).ok).toBe(true)
})

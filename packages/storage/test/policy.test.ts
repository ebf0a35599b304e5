import type { PolicyDecider, PolicyQuestion } from '@carnet/policy'
import type { ClientId, IssuerId, PersonId, ResourceId, Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { createPolicyStore, type Database, type PolicyStore } from '@carnet/storage'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeOnBothDatabases, quietLog } from './both-databases.ts'

const EVERYONE = '@id("everyone") permit (principal, action, resource);'
const NOBODY = '@id("nobody") forbid (principal, action, resource);'

const question: PolicyQuestion = {
  person: { id: 'alice' as PersonId, groups: [], attributes: {} },
  client: { id: 'app' as ClientId },
  server: {
    resource: 'https://mcp.chat.test/mcp' as ResourceId,
    authorizationServer: 'https://auth.chat.test' as IssuerId,
    environment: 'production',
  },
  scopes: [{ name: 'chat.read' as Scope, class: 'read' }],
  authentication: { acr: 'x', amr: [], ageSeconds: 1 },
}

function answer(decider: PolicyDecider): string {
  const { granted, policyVersion } = decider.decide(question)
  return `${granted.length === 1 ? 'granted' : 'dropped'} by ${policyVersion}`
}

describeOnBothDatabases('Company policy', (open) => {
  let db: Database
  let store: PolicyStore
  let elsewhere: PolicyStore

  beforeAll(async () => {
    db = await open()
    store = await createPolicyStore(db, quietLog)
    elsewhere = await createPolicyStore(await open(), quietLog)
  })
  afterAll(() => {
    store.close()
    elsewhere.close()
  })

  function publish(text: string) {
    return store.publish({ text, author: 'dave', reason: 'test' })
  }

  proves('IDP-26', 'permits nothing before there is a policy', () => {
    expect(answer(store.currentDecider())).toBe('dropped by none')
  })

  proves('IDP-26', 'is in force from publication on, in every process', async () => {
    const published = await publish(EVERYONE)
    expect(published).toMatchObject({ ok: true, value: { author: 'dave', reason: 'test', state: 'active' } })
    const version = published.ok ? published.value.version : ''
    expect(answer(store.currentDecider())).toBe(`granted by ${version}`)
    await vi.waitFor(() => expect(answer(elsewhere.currentDecider())).toBe(`granted by ${version}`), {
      timeout: 10_000,
    })

    const next = await publish(NOBODY)
    const nextVersion = next.ok ? next.value.version : ''
    expect(answer(store.currentDecider())).toBe(`dropped by ${nextVersion}`)
    await vi.waitFor(() => expect(answer(elsewhere.currentDecider())).toBe(`dropped by ${nextVersion}`), {
      timeout: 10_000,
    })
  })

  test('stays as it is where a text does not validate', async () => {
    const before = answer(store.currentDecider())
    const versions = await store.history(10)
    expect(await publish('@id("a") permit (principal, action, resource) when { resource.rsk > 1 };')).toMatchObject({
      ok: false,
      refusal: { problems: [{ rule: 'a', place: { line: 1, column: 54 } }] },
    })
    expect(answer(store.currentDecider())).toBe(before)
    expect(await store.history(10)).toEqual(versions)
  })

  test('keeps its history, with exactly one version active', async () => {
    await Promise.all([publish(EVERYONE), publish(NOBODY), elsewhere.publish({ text: '', author: 'eve', reason: '' })])
    const history = await store.history(100)
    expect(history.map(({ state }) => state)).toEqual(['active', ...history.slice(1).map(() => 'superseded')])
    expect(history.length).toBeGreaterThanOrEqual(5)
    expect(history[0]?.createdAt).toBeGreaterThan(1_700_000_000)
    expect(await store.history(1)).toEqual(history.slice(0, 1))
    await expect(
      db.query(`insert into policy_version (text, author, reason, created_at, state) values ('', '', '', 0, 'active')`),
    ).rejects.toMatchObject({ code: '23505' })
  })

  test('keeps its decider, and what that remembers, while the version stays', async () => {
    const decider = store.currentDecider()
    const again = await createPolicyStore(db, quietLog)
    await db.transaction((tx) => db.publish(tx, 'policy'))
    await vi.waitFor(() => expect(store.currentDecider()).toBe(decider))
    again.close()
  })
})

describeOnBothDatabases('A policy that cannot be read', (open) => {
  const silent = { ...quietLog, error() {} }

  test('is not decided by, and neither is the one it replaced', async () => {
    const db = await open()
    const store = await createPolicyStore(db, silent)
    await store.publish({ text: EVERYONE, author: 'dave', reason: 'test' })
    expect(answer(store.currentDecider())).toBe('granted by 1')

    await db.query(`update policy_version set text = 'not cedar', version = default where state = 'active'`)
    await db.transaction((tx) => db.publish(tx, 'policy'))
    await vi.waitFor(() =>
      expect(() => store.currentDecider()).toThrow(expect.objectContaining({ code: 'store-unavailable' })),
    )
    await expect(createPolicyStore(db, silent)).rejects.toMatchObject({
      code: 'policy-unavailable',
      message: expect.stringContaining('1:5'),
    })

    await store.publish({ text: NOBODY, author: 'dave', reason: 'repair' })
    expect(answer(store.currentDecider())).toBe('dropped by 3')
    store.close()
  })
})

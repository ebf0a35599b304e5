import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { createTestGuard, unreachable } from '../test/fixture/guard.ts'
import { facts } from '../test/fixture/request.ts'
import type { Admission } from './guard.ts'

const bearer = (token: string) => facts({ authorization: `Bearer ${token}` })

describe('a guard', () => {
  test('answers for a token already seen without waiting for anything', async () => {
    const { guard, issuer } = await createTestGuard()
    const request = bearer(issuer.token())
    const first = guard.check(request)
    expect(first).toBeInstanceOf(Promise)
    const admitted = await first
    const again = guard.check(request) as Admission
    expect(again).toEqual(admitted)
    expect(again).toMatchObject({ ok: true, value: { subject: 'account-alice', txn: 'AAAAAAAAAAAAAAAAAAAAAA' } })
  })

  test('looks at the expiry of a token already seen', async () => {
    const { guard, issuer, clock } = await createTestGuard()
    const request = bearer(issuer.token())
    await guard.check(request)
    clock.advance(590 + 60)
    expect(await guard.check(request)).toMatchObject({ refusal: { reason: 'expired' } })
  })

  test('gives a chain without an id one of its own', async () => {
    const { guard, issuer } = await createTestGuard()
    for (const txn of [undefined, 'not ours']) {
      expect(await guard.check(bearer(issuer.token({ txn })))).toMatchObject({
        value: { txn: expect.stringMatching(/^[\w-]{22}$/) },
      })
    }
  })

  proves('RS-05', 'refuses a token of its own authorization server that is for another resource', async () => {
    const { guard, issuer } = await createTestGuard()
    const entry = await guard.enter(bearer(issuer.token({ aud: 'https://mcp.chat.test/files' })))
    expect(entry).toMatchObject({ ok: false, refusal: { status: 401 } })
  })

  test('answers 503 when keys cannot be had, and blames nobody', async () => {
    const keys = { find: () => Promise.reject(new Fault('keys-unavailable', 'down', { retryAfterSeconds: 9 })) }
    const { guard, issuer } = await createTestGuard({}, { keys: new Map([['https://auth.chat.test', keys]]) })
    expect(await guard.enter(bearer(issuer.token()))).toMatchObject({
      refusal: { status: 503, headers: { 'retry-after': '9' } },
    })
  })

  proves('REV-06', 'admits nobody while its feed has not been heard or has fallen silent', async () => {
    const down = () => Promise.reject(new TypeError('fetch failed'))
    const feed = { id: 'rs', secret: 's' }
    const { guard, issuer } = await createTestGuard({}, { fetch: down, http: unreachable }, { feed })
    await expect(async () => guard.check(bearer(issuer.token()))).rejects.toMatchObject({ code: 'feed-stale' })
    expect(await guard.enter(bearer(issuer.token()))).toMatchObject({ refusal: { status: 503 } })
    expect(guard.status().feeds).toEqual([{ issuer: 'https://auth.chat.test', fresh: false }])
    await guard.close()
  })

  proves('RS-19', 'has a refusal on record before it answers, with whose it was and never the token', async () => {
    const { guard, issuer, events } = await createTestGuard()
    const token = issuer.token()
    const entry = await guard.enter(bearer(token))
    const caller = entry.ok ? entry.value : expect.fail()
    await guard.checkBody(caller, bearer(token), { id: 1, method: 'tools/call', params: { name: 'chat.purge' } })
    await guard.authorizeTool(caller, 'chat.none')
    const who = {
      txn: caller.txn,
      subject: 'account-alice',
      client: 'assistant',
      session: 'session-1',
      tokenId: 'token-1',
      type: 'call.refused',
    }
    expect(events).toMatchObject([
      { ...who, reason: 'insufficient-scope', tool: 'chat.purge', requestedScopes: ['chat.admin'] },
      { ...who, reason: 'unknown-tool', tool: 'chat.none' },
    ])
    expect(JSON.stringify(events)).not.toContain(token)
    expect(JSON.stringify(events)).not.toMatch(/eyJ/)
  })

  test('knows whose token has expired, and says so on record', async () => {
    const { guard, issuer, events, clock } = await createTestGuard()
    await guard.enter(bearer(issuer.token()))
    clock.advance(700)
    await guard.enter(bearer(issuer.token()))
    expect(events).toMatchObject([{ type: 'call.refused', reason: 'expired', subject: 'account-alice' }])
  })

  proves('RS-19', 'records each allowed call with its tool and scopes', async () => {
    const { guard, issuer, events, timer } = await createTestGuard()
    const entry = await guard.enter(bearer(issuer.token()))
    const caller = entry.ok ? entry.value : expect.fail()
    const call = (id: number, name: string) => ({ id, method: 'tools/call', params: { name } })
    await guard.checkBody(caller, facts(), [call(1, 'chat.list'), call(2, 'chat.post')])
    await guard.authorizeTool(caller, 'chat.list')
    timer.advance(1)
    await guard.close()
    expect(events.map(({ type, tool, outcome }) => [type, tool, outcome])).toEqual([
      ['call.allowed', 'chat.list', 'success'],
      ['call.allowed', 'chat.post', 'success'],
      ['call.allowed', 'chat.list', 'success'],
    ])
    expect(events[0]).toMatchObject({ requestedScopes: ['chat.read'], grantedScopes: ['chat.read', 'chat.write'] })
  })

  proves(
    'RS-19',
    'counts strangers instead of recording each, and the first step of every client not at all',
    async () => {
      const { guard, events, timer } = await createTestGuard()
      for (let n = 0; n < 5; n++) await guard.enter(bearer('nonsense'))
      await guard.enter(facts())
      timer.advance(10)
      timer.advance(1)
      await guard.close()
      expect(events.map(({ reason, details }) => [reason, details?.count])).toEqual([['malformed', 5]])
    },
  )

  test('says on record why an open stream ended', async () => {
    const { guard, issuer, events, timer } = await createTestGuard()
    const entry = await guard.enter(bearer(issuer.token()))
    const caller = entry.ok ? entry.value : expect.fail()
    let ended = false
    guard.watch(caller, () => {
      ended = true
    })
    timer.advance(650)
    await guard.close()
    expect(ended).toBe(true)
    expect(events).toMatchObject([
      { type: 'call.refused', reason: 'expired', txn: caller.txn, details: { openStream: true } },
    ])
  })

  test('tells what a caller may call, and records nothing of it', async () => {
    const { guard, issuer, events } = await createTestGuard()
    const entry = await guard.enter(bearer(issuer.token({ scope: 'chat.admin' })))
    const caller = entry.ok ? entry.value : expect.fail()
    expect(['chat.list', 'chat.purge', 'chat.none'].map((tool) => guard.permits(caller, tool))).toEqual([
      true,
      true,
      false,
    ])
    await guard.close()
    expect(events).toEqual([])
  })
})

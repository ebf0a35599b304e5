import type { ClientRequest } from '@carnet/http'
import { Fault, parseTxn, refuse } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { peekJwt, staticKeySource } from '@carnet/tokens'
import { describe, expect, test } from 'vitest'
import {
  A,
  ALICE,
  authenticatedA,
  clientA,
  form,
  IDP,
  idJag,
  key,
  NOW,
  redemptionForm,
  S,
  type Setup,
  SKEW,
  serve,
} from '../../test/fixture.ts'
import { type RedemptionContext, redeem } from './redeem.ts'

/** The steps behind client authentication, which has rules and tests of its own. */
function start(setup: Setup = {}, change: Partial<RedemptionContext> = {}) {
  const issuerKeys = { of: () => staticKeySource([key.idp]) }
  const served = serve({ ...setup, ports: { issuerKeys, ...setup.ports } })
  const context: RedemptionContext = {
    ...served.server.redemption,
    authenticate: async () => authenticatedA,
    ...change,
  }
  const tryIt = (assertion: string, parameters: Record<string, string> = {}) =>
    redeem(requestOf(assertion, parameters), context)
  return { ...served, context, tryIt }
}

function requestOf(assertion: string, parameters: Record<string, string> = {}): ClientRequest {
  return { form: form(redemptionForm(assertion, parameters)), authorization: undefined, source: '192.0.2.1' }
}

const refused = (reason: string) => ({ ok: false, refusal: { reason } })

proves('RAS-30a', 'answers with a Bearer token, its life, its scope and its resource', async () => {
  const { tryIt } = start()
  const outcome = await tryIt(idJag())
  expect(outcome).toMatchObject({
    ok: true,
    value: { token_type: 'Bearer', expires_in: 600, scope: 'chat.read', resource: S, txn: 'A'.repeat(22) },
  })
  expect(outcome.ok && peekJwt(outcome.value.access_token)?.typ).toBe('at+jwt')
})

test('takes over the correlation id of a verified assertion, in its own form only', async () => {
  const { tryIt, events } = start()
  await tryIt(idJag({ txn: 'C'.repeat(22) }))
  await tryIt(idJag({ txn: 'not one of ours' }))
  await tryIt(idJag({ txn: 'D'.repeat(22), exp: NOW - 100, iat: NOW - 200 }))
  expect(events.map(({ txn }) => txn)).toEqual(['C'.repeat(22), expect.any(String), 'D'.repeat(22)])
  expect(parseTxn(events[1]?.txn)).toBeDefined()
})

proves('RAS-04', 'looks at no assertion before the client has authenticated, and uses none up', async () => {
  const { context, stores, outbound } = start()
  const nobody = refuse({ reason: 'wrong-secret', claimedClient: A, client: A, authorizationTried: true } as const)
  const assertion = idJag()
  const stranger: RedemptionContext = { ...context, authenticate: async () => nobody }
  for (const presented of [assertion, 'abc']) {
    expect(await redeem(requestOf(presented), stranger)).toMatchObject(refused('client-not-authenticated'))
  }
  expect([stores.redeemedCount, outbound.length]).toEqual([0, 0])
  expect(await redeem(requestOf(assertion), context)).toMatchObject({ ok: true })
})

proves('RAS-17', 'redeems an assertion once', async () => {
  const { tryIt } = start()
  const assertion = idJag()
  expect(await tryIt(assertion)).toMatchObject({ ok: true })
  expect(await tryIt(assertion)).toMatchObject(refused('replayed'))
})

proves('RAS-17', 'redeems an assertion once, however many ask at the same time', async () => {
  const { tryIt } = start()
  const assertion = idJag()
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => tryIt(assertion)))
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
})

proves('RAS-17', 'keeps apart what two issuers call by the same jti', async () => {
  const remembered: string[] = []
  const served = start()
  const redemptions = {
    commit: (redemption: Parameters<RedemptionContext['redemptions']['commit']>[0]) => {
      remembered.push(`${redemption.token.issuer} ${redemption.token.grant} ${redemption.rememberUntil - NOW}`)
      return served.context.redemptions.commit(redemption)
    },
  }
  await redeem(requestOf(idJag({ jti: 'one' })), { ...served.context, redemptions })
  expect(remembered).toEqual([`${IDP} one ${300 + SKEW}`])
})

describe('what is refused after the signature holds does not use the assertion up', () => {
  proves('RAS-18a', 'for a request that is refused in the last steps', async () => {
    const { tryIt, stores } = start()
    const assertion = idJag()
    expect(await tryIt(assertion, { scope: 'no\ttoken' })).toMatchObject({ ok: false })
    expect(stores.redeemedCount).toBe(0)
    expect(await tryIt(assertion)).toMatchObject({ ok: true })
  })

  proves('RAS-18a', 'for a failure of the account store', async () => {
    const { context, tryIt, stores } = start()
    const findLinked = () => Promise.reject(new Fault('store-unavailable', 'down'))
    const down = { ...context, accounts: { ...context.accounts, findLinked } }
    const assertion = idJag()
    await expect(redeem(requestOf(assertion), down)).rejects.toThrow(Fault)
    expect(stores.redeemedCount).toBe(0)
    expect(await tryIt(assertion)).toMatchObject({ ok: true })
  })
})

proves('RAS-19', 'hands out nothing when the claim cannot be stored', async () => {
  const down = {
    commit: async () => {
      throw new Fault('store-unavailable', 'down')
    },
  }
  const { tryIt, events } = start({}, { redemptions: down })
  await expect(tryIt(idJag())).rejects.toThrow(Fault)
  expect(events).toEqual([])
})

test('hands out nothing when access was withdrawn between the checks and the commit', async () => {
  const { context, stores, ports } = start()
  const record = { id: 'left', tenant: clientA.tenant, keepSeconds: 600, reason: 'left', eventId: 'e1' }
  await ports.revocations.append({ ...record, target: { kind: 'subject', subject: ALICE } })
  const notHeardYet = { ...context.revocations, index: { ...context.revocations.index, find: () => undefined } }
  const outcome = await redeem(requestOf(idJag()), { ...context, revocations: notHeardYet })
  expect(outcome).toMatchObject(refused('access-withdrawn'))
  expect(stores.redeemedCount).toBe(0)
})

proves('RAS-36', 'puts every decision on record: who, for whom, what, and why not', async () => {
  const { tryIt, events } = start()
  const assertion = idJag({ jti: 'jag-x', act: { sub: 'admin' } })
  await tryIt(assertion)
  await tryIt(assertion, { scope: 'no\ttoken' })
  const details = { issuer: `"${IDP}"`, id_jag: '"jag-x"', subject_hash: expect.any(String), act: expect.any(String) }
  const common = { client: A, resource: S, txn: 'A'.repeat(22), session: 'session-1', details }
  expect(events).toMatchObject([
    { ...common, type: 'token.issued', outcome: 'success', subject: ALICE, grantedScopes: ['chat.read'] },
    { ...common, type: 'token.refused', outcome: 'refused', reason: expect.any(String) },
  ])
  expect(JSON.stringify(events)).not.toContain('"alice"')
})

proves(['THR-07', 'RAS-12'], 'remembers no jti of an assertion whose signature does not hold', async () => {
  const { tryIt, stores } = start()
  for (let n = 0; n < 50; n++) await tryIt(`${idJag().slice(0, -8)}AAAAAAAA`)
  expect(stores.redeemedCount).toBe(0)
})

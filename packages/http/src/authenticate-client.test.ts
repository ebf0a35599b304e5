import { type ClientId, type EpochSeconds, Fault, type Txn } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { hashSecret } from '@carnet/tokens'
import { expect, test } from 'vitest'
import {
  AMPLE,
  assertionForm,
  basic,
  CLIENT,
  client,
  clientAssertion,
  context,
  form,
  memoryReplayGuard,
  SECRET,
  SELF,
  SKEW_SECONDS,
} from '../test/fixture.ts'
import { authenticateClient, type ClientRequest } from './authenticate-client.ts'
import type { AuthenticatingClient } from './client.ts'
import { clientError, clientRefusedEvent } from './client-error.ts'
import type { Form } from './form.ts'
import { createRateLimits } from './rate-limits.ts'

const SOURCE = '192.0.2.1'

function request(parameters: Form, authorization?: string): ClientRequest {
  return { form: parameters, authorization, source: SOURCE }
}

const NOT_AUTHENTICATED = {
  status: 401,
  error: 'invalid_client',
  description: 'Client authentication failed.',
  challengeBasic: true,
}

const byBasic = request(form({}), basic(CLIENT, SECRET))
const byPost = request(form({ client_id: CLIENT, client_secret: SECRET }))

async function outcome(asked: ClientRequest, records: readonly AuthenticatingClient[] = [client()]) {
  const verdict = await authenticateClient(asked, context(records))
  return verdict.ok ? verdict.value.method : verdict.refusal.reason
}

proves('RAS-05', 'authenticates by Basic, by a secret in the body and by an assertion', async () => {
  expect(await outcome(byBasic)).toBe('client_secret_basic')
  expect(await outcome(byPost)).toBe('client_secret_post')
  expect(await outcome(request(assertionForm(clientAssertion())))).toBe('private_key_jwt')
})

const unregistered = [
  ['Basic', byBasic, 'client_secret_post'],
  ['a secret in the body', byPost, 'client_secret_basic'],
  ['an assertion', request(assertionForm(clientAssertion())), 'client_secret_basic'],
  ['its bare id', request(form({ client_id: CLIENT })), 'client_secret_basic'],
] as const

for (const [how, asked, registered] of unregistered) {
  proves('RAS-03a', `refuses ${how} of a client that registered another method`, async () => {
    expect(await outcome(asked, [client({ authMethods: [registered] })])).toBe('method-not-registered')
  })
}

proves('IDP-15', 'identifies a public client, and says that it did not authenticate', async () => {
  expect(await outcome(request(form({ client_id: CLIENT })), [client({ authMethods: ['none'] })])).toBe('none')
})

for (const [how, asked] of [
  ['with the right secret', byBasic],
  ['with a good assertion', request(assertionForm(clientAssertion()))],
] as const) {
  proves('IDP-20', `refuses a disabled client ${how}`, async () => {
    expect(await outcome(asked, [client({ enabled: false })])).toBe('client-disabled')
  })
}

proves('RAS-06', 'takes the same credentials percent-encoded and raw', async () => {
  const odd = client({ id: 'app a' as ClientId, secrets: [{ sha256: hashSecret('50%+'), until: undefined }] })
  expect(await outcome(request(form({}), basic('app+a', '50%25%2B')), [odd])).toBe('client_secret_basic')
  expect(await outcome(request(form({}), basic('app a', '50%+')), [odd])).toBe('client_secret_basic')
})

proves('IDP-16', 'takes a client assertion once', async () => {
  const once = context([client()])
  const asked = request(assertionForm(clientAssertion()))
  expect(await authenticateClient(asked, once)).toMatchObject({ ok: true })
  expect(await authenticateClient(asked, once)).toMatchObject({ refusal: { reason: 'assertion-replayed' } })
})

proves('IDP-16', 'uses up a client assertion only once it has authenticated', async () => {
  const replay = memoryReplayGuard()
  await authenticateClient(
    request(assertionForm(clientAssertion({ claims: { aud: 'x' } }))),
    context([client()], { replay }),
  )
  expect(replay.claims).toEqual([])

  await authenticateClient(request(assertionForm(clientAssertion())), context([client()], { replay }))
  const until = (NOW + 60 + SKEW_SECONDS) as EpochSeconds
  expect(replay.claims).toEqual([{ scope: `client-assertion:${SELF} ${CLIENT}`, id: 'assertion-1', until }])
})

test('a replay guard that cannot answer is a fault, not a refusal', async () => {
  const broken = { claim: () => Promise.reject(new Fault('store-unavailable', 'down')) }
  const verdict = authenticateClient(request(assertionForm(clientAssertion())), context([client()], { replay: broken }))
  await expect(verdict).rejects.toThrow(Fault)
})

for (const [what, asked] of [
  ['an unknown client', request(form({}), basic('nobody', SECRET))],
  ['a wrong secret', request(form({}), basic(CLIENT, 'wrong'))],
] as const) {
  proves('THR-18', `tells ${what} no more than any other failed authentication`, async () => {
    const verdict = await authenticateClient(asked, context([client()]))
    expect(verdict.ok ? undefined : clientError(verdict.refusal)).toEqual(NOT_AUTHENTICATED)
  })
}

for (const reason of [
  'client-disabled',
  'method-not-registered',
  'unknown-key',
  'bad-signature',
  'assertion-replayed',
] as const) {
  proves('THR-18', `tells ${reason} as any other failed authentication`, () => {
    const refusal = { reason, claimedClient: CLIENT, client: CLIENT, authorizationTried: true }
    expect(clientError(refusal)).toEqual(NOT_AUTHENTICATED)
  })
}

proves('IDP-47', 'slows a source down that keeps failing, the right secret included', async () => {
  const limits = createRateLimits({ ...AMPLE, failures: { burst: 3, perSecond: 0.5 } })
  const wrong = request(form({}), basic(CLIENT, 'wrong'))
  for (const _ of [1, 2, 3]) await authenticateClient(wrong, context([client()], { limits }))
  const verdict = await authenticateClient(byBasic, context([client()], { limits }))
  expect(verdict.ok ? undefined : clientError(verdict.refusal)).toMatchObject({ status: 429, retryAfterSeconds: 2 })
})

proves('IDP-47', 'slows down a client that asks too often', async () => {
  const limits = createRateLimits({ ...AMPLE, perClient: { burst: 1, perSecond: 1 } })
  expect(await authenticateClient(byBasic, context([client()], { limits }))).toMatchObject({ ok: true })
  const second = await authenticateClient(byPost, context([client()], { limits }))
  expect(second).toMatchObject({ refusal: { reason: 'rate-limited', client: CLIENT } })
})

proves('THR-16', 'writes a claimed client id as one escaped, bounded line', async () => {
  const hostile = `a\r\nlevel=admin${'x'.repeat(500)}`
  const verdict = await authenticateClient(request(form({ client_id: hostile })), context([client()]))
  const about = { reporter: SELF, at: NOW, txn: 'AAAAAAAAAAAAAAAAAAAAAA' as Txn }
  const event = verdict.ok ? undefined : clientRefusedEvent(verdict.refusal, about)
  expect(event?.client).toBeUndefined()
  expect(event?.details?.claimed_client).toBe('"a\\r\\nlevel=adminxx…"')
})

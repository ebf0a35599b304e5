import {
  type ClientId,
  type EpochSeconds,
  type EventId,
  Fault,
  Hidden,
  type OutboundHttp,
  type ResourceId,
  type SecurityEvent,
  SOLE_TENANT,
} from '@carnet/protocol'
import { FixedClock, NOW } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { receiveEvents } from './receive-events.ts'
import { sendEvents } from './send-events.ts'
import type { GuardEvent } from './wire.ts'

const OWN = 'https://mcp.chat.test/mcp' as ResourceId
const URL_ = 'https://auth.chat.test/events'
const event: GuardEvent = {
  id: 'run.1' as EventId,
  type: 'call.allowed',
  outcome: 'success',
  reporter: OWN,
  resource: OWN,
  at: NOW,
  tenant: SOLE_TENANT,
  client: 'assistant' as ClientId,
  tool: 'chat.list',
}

function setUp(fail?: Fault) {
  const recorded: SecurityEvent[] = []
  const sink = {
    async record(one: SecurityEvent) {
      if (fail) throw fail
      recorded.push(one)
    },
  }
  const context = { resources: [OWN], tenants: [SOLE_TENANT], sink, clock: new FixedClock() }
  const http: OutboundHttp = {
    async send({ url, method = 'GET', headers = {}, body = '' }) {
      const response = await receiveEvents(new Request(url, { method, headers, body }), context)
      return { status: response.status, headers: response.headers, body: await response.text() }
    },
  }
  const post = (body: unknown) =>
    receiveEvents(
      new Request(URL_, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
      context,
    )
  return { recorded, http, post, context }
}
const endpoint = { url: URL_, id: 'rs', secret: new Hidden('s') }

describe('guard events', () => {
  test('are on record when sending them has succeeded', async () => {
    const { recorded, http } = setUp()
    await sendEvents(endpoint, [event], http)
    const { id, ...rest } = event
    expect(recorded).toEqual([{ ...rest, details: { guardEvent: id } }])
  })

  for (const [title, change] of [
    ['of a grant', { type: 'grant.issued' }],
    ['with a member of its own', { person: 'alice' }],
    ['without an id', { id: undefined }],
    ['with a txn that is none', { txn: 'x' }],
    ['with a reason that is a sentence', { reason: 'It said: eyJhbGciOi…' }],
  ] as const) {
    test(`are refused ${title}, all of the batch`, async () => {
      const { recorded, post } = setUp()
      expect((await post({ events: [event, { ...event, ...change }] })).status).toBe(400)
      expect(recorded).toEqual([])
    })
  }

  for (const [title, change] of [
    ['in the name of another resource', { reporter: 'https://mcp.wiki.test/mcp' }],
    ['about another resource', { resource: 'https://mcp.wiki.test/mcp' }],
    ['about another tenant', { tenant: 'other' }],
  ] as const) {
    test(`are refused ${title}`, async () => {
      const { recorded, post } = setUp()
      expect((await post({ events: [{ ...event, ...change }] })).status).toBe(403)
      expect(recorded).toEqual([])
    })
  }

  test('from an unbelievable time keep it as a detail', async () => {
    const { recorded, post } = setUp()
    const at = [NOW - 86_400, NOW + 3600, NOW - 60] as EpochSeconds[]
    await post({ events: at.map((time) => ({ ...event, at: time })) })
    expect(recorded.map((one) => [one.at, one.details?.reportedAt])).toEqual([
      [NOW, NOW - 86_400],
      [NOW, NOW + 3600],
      [NOW - 60, undefined],
    ])
  })

  test('that are no JSON, too many or too long are refused', async () => {
    const { post } = setUp()
    expect((await post('{')).status).toBe(400)
    expect((await post({ events: Array.from({ length: 501 }, () => event) })).status).toBe(400)
    expect((await post(' '.repeat(1_048_577))).status).toBe(413)
  })

  test('tell a batch to send again from one that will never be taken', async () => {
    const unavailable = new Fault('audit-unavailable', 'down')
    await expect(sendEvents(endpoint, [event], setUp(unavailable).http)).rejects.toBe(unavailable)
    const answering = (status: number): OutboundHttp => ({
      send: async () => ({ status, headers: new Headers(), body: '' }),
    })
    await expect(sendEvents(endpoint, [event], answering(503))).rejects.toMatchObject({ code: 'peer-unavailable' })
    await expect(sendEvents(endpoint, [event], answering(403))).rejects.toMatchObject({ code: 'peer-misbehaved' })
  })
})

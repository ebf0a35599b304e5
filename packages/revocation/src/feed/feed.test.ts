import { type EpochSeconds, Hidden, type ResourceId, SOLE_TENANT, type TenantId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { FixedClock, ManualTimer, NOW, SeededRandom } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { facts, record, silentLog } from '../../test/fixture.ts'
import { createMemoryRevocationLog } from '../memory-log.ts'
import { createRevocationIndex } from '../revocation-index.ts'
import { followFeed } from './follow-feed.ts'
import { type FeedContext, serveFeed } from './serve-feed.ts'
import { feedPage, parseRecord } from './wire.ts'

const URL_ = 'https://auth.chat.test/revocations'
const OWN = 'https://mcp.chat.test/mcp' as ResourceId

const rest = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A server and a guard that meet in memory, on one clock. */
function setUp(behaviour: { answer?: (request: Request) => Promise<Response> | undefined } = {}) {
  const clock = new FixedClock()
  const timer = new ManualTimer(clock)
  const random = new SeededRandom('feed')
  const log = createMemoryRevocationLog(random)
  const context: FeedContext = { log, resources: [OWN], tenants: [SOLE_TENANT], clock, timer, heartbeatSeconds: 5 }
  const requests: Request[] = []
  const index = createRevocationIndex()
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const request = new Request(url, init)
    requests.push(request)
    return (await behaviour.answer?.(request)) ?? serveFeed(request, context)
  }
  const config = { url: URL_, id: 'rs', secret: new Hidden('s3cret'), staleAfterSeconds: 30, pollSeconds: 1 }
  const follow = () => followFeed(config, { index, fetch, clock, timer, random, log: silentLog })
  return { clock, timer, log, context, requests, index, follow }
}

/** Passes time in steps small enough for heartbeats. */
async function pass(timer: ManualTimer, seconds: number) {
  for (let second = 0; second < seconds; second++) {
    timer.advance(1)
    await rest()
  }
}

describe('the feed', () => {
  proves('REV-06', 'tells a guard at once all that counts, and then each record as it is made', async () => {
    const { log, follow, index, clock, requests } = setUp()
    log.append(record(0))
    const follower = follow()
    expect(follower.isFresh(clock.now())).toBe(false)
    await follower.ready
    expect(index.find(facts)?.id).toBe('record-0')
    expect(follower.isFresh(clock.now())).toBe(true)
    log.append(record(0, { id: 'second', cutoff: (NOW + 1) as EpochSeconds }))
    await rest()
    expect(index.find(facts)?.id).toBe('second')
    expect(requests.length).toBe(1)
    expect(requests[0]?.headers.get('authorization')).toBe(`Basic ${btoa('rs:s3cret')}`)
    follower.stop()
  })

  proves('REV-06', 'keeps a guard fresh by its heartbeats, and no longer than its bound when they stop', async () => {
    let cut = false
    const { follow, clock, timer } = setUp({
      answer: () => (cut ? Promise.reject(new TypeError('fetch failed')) : undefined),
    })
    const follower = follow()
    await follower.ready
    await pass(timer, 100)
    expect(follower.isFresh(clock.now())).toBe(true)
    follower.stop()
    cut = true
    await pass(timer, 25)
    expect(follower.isFresh(clock.now())).toBe(true)
    await pass(timer, 10)
    expect(follower.isFresh(clock.now())).toBe(false)
  })

  proves('REV-06', 'is not made fresh by a clock that was set back', async () => {
    const { follow, clock } = setUp()
    const follower = follow()
    await follower.ready
    clock.set((NOW - 3600) as EpochSeconds)
    expect(follower.isFresh(clock.now())).toBe(false)
    follower.stop()
  })

  test('is taken up where it was cut, and misses nothing', async () => {
    let open: AbortController | undefined
    const { follow, log, index, timer, context, requests } = setUp({
      answer: (request) => {
        open = new AbortController()
        return serveFeed(new Request(request, { signal: open.signal }), context)
      },
    })
    const follower = follow()
    log.append(record(0))
    await follower.ready
    await rest()
    open?.abort()
    await rest()
    log.append(record(0, { id: 'while cut off', target: { kind: 'everything' } }))
    await pass(timer, 2)
    expect(index.seq).toBe(2)
    expect(requests.length).toBeGreaterThan(1)
    expect(requests.at(-1)?.headers.get('last-event-id')).toMatch(/^[\w-]+\.[12]$/)
    follower.stop()
  })

  test('is fetched in pages where streams do not get through', async () => {
    const { follow, log, index, timer, clock, requests } = setUp({
      answer: (request) =>
        request.headers.get('accept') === 'text/event-stream'
          ? Promise.resolve(new Response('not here', { status: 406 }))
          : undefined,
    })
    const follower = follow()
    await follower.ready
    log.append(record(0))
    await pass(timer, 3)
    expect(index.find(facts)?.id).toBe('record-0')
    expect(requests.length).toBeGreaterThan(2)
    await pass(timer, 40)
    expect(follower.isFresh(clock.now())).toBe(true)
    follower.stop()
  })

  test('that opens and then says nothing is given up for pages before the guard is stale', async () => {
    const { follow, timer, clock } = setUp({
      answer: (request) => {
        if (request.headers.get('accept') !== 'text/event-stream') return undefined
        const silent = new ReadableStream({
          start: (controller) =>
            request.signal.addEventListener('abort', () => controller.error(request.signal.reason)),
        })
        return Promise.resolve(new Response(silent, { headers: { 'content-type': 'text/event-stream' } }))
      },
    })
    const follower = follow()
    await pass(timer, 20)
    await follower.ready
    expect(follower.isFresh(clock.now())).toBe(true)
    follower.stop()
  })

  for (const [title, answer] of [
    ['holds a record that cannot be understood', 'event: revocation\ndata: {"seq":1,"target":{"kind":"planet"}}\n\n'],
    ['holds no JSON', 'event: revocation\ndata: oops\n\n'],
    ['never ends its event', `event: level\ndata: ${'x'.repeat(70_000)}`],
  ] as const) {
    test(`that ${title} never makes a guard fresh`, async () => {
      const { follow, timer, clock } = setUp({
        answer: async () =>
          new Response(`${answer}event: level\nid: g.1\ndata: {}\n\n`, {
            headers: { 'content-type': 'text/event-stream' },
          }),
      })
      const follower = follow()
      await pass(timer, 5)
      expect(follower.isFresh(clock.now())).toBe(false)
      follower.stop()
    })
  }

  test('of a store that began anew is read from its beginning', async () => {
    const { follow, log, index, timer, context } = setUp()
    const follower = follow()
    for (const id of ['a', 'b', 'c']) log.append(record(0, { id }))
    await follower.ready
    await rest()
    const anew = createMemoryRevocationLog(new SeededRandom('anew'))
    anew.append(
      record(0, { id: 'of the new history', target: { kind: 'everything' }, expiresAt: (NOW + 900) as EpochSeconds }),
    )
    Object.assign(context, { log: anew })
    await pass(timer, 605)
    expect(index.find({ ...facts, subject: 'somebody' })?.id).toBe('of the new history')
    follower.stop()
  })
})

describe('what a resource server is told', () => {
  const ask = async (context: FeedContext, headers = {}, query = '') => {
    const response = await serveFeed(new Request(`${URL_}${query}`, { headers }), context)
    const page = feedPage.parse(await response.json())
    return { status: response.status, page }
  }

  test('is nothing of other resources, other tenants, or the past', async () => {
    const { log, context } = setUp()
    log.append(record(0, { id: 'own', target: { kind: 'resource', resource: OWN } }))
    log.append(record(0, { id: 'foreign', target: { kind: 'resource', resource: 'https://x.test/mcp' as ResourceId } }))
    log.append(record(0, { id: 'tenant', tenant: 'other' as TenantId }))
    log.append(record(0, { id: 'past', expiresAt: NOW }))
    const { status, page } = await ask(context)
    expect(status).toBe(200)
    expect(page.records.map((wire) => parseRecord(wire)?.id)).toEqual(['own'])
    expect(page.position).toMatch(/\.4$/)
  })

  test('comes in bounded pages that continue where the last one ended', async () => {
    const { log, context } = setUp()
    for (let n = 0; n < 1001; n++) log.append(record(0, { id: `r${n}` }))
    const sizes: number[] = []
    let position = ''
    for (let more = true; more; ) {
      const { page } = await ask(context, {}, `?after=${position}`)
      sizes.push(page.records.length)
      ;({ more, position } = page)
    }
    expect(sizes).toEqual([500, 500, 1])
  })

  test('is everything, for a position that is made up', async () => {
    const { log, context } = setUp()
    log.append(record(0))
    for (const id of ['x.9', 'nonsense', '99', `${await log.generation()}.99999999999999999999`]) {
      const { page } = await ask(context, { 'last-event-id': id })
      expect(page.records.length).toBe(1)
    }
  })

  test('is only to be read', async () => {
    const { context } = setUp()
    expect((await serveFeed(new Request(URL_, { method: 'POST' }), context)).status).toBe(405)
  })

  test('costs nothing once the reader has gone', async () => {
    const { context, timer } = setUp()
    const response = await serveFeed(new Request(URL_, { headers: { accept: 'text/event-stream' } }), context)
    const reader = response.body?.getReader()
    await reader?.read()
    await rest()
    await reader?.cancel()
    await rest()
    expect(timer.pending).toBe(0)
  })
})

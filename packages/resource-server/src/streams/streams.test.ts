import { proves } from '@carnet/requirements/vitest'
import { FixedClock, ManualTimer } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { alice } from '../../test/fixture/caller.ts'
import { limitResponse } from './limit-response.ts'
import { createOpenStreams } from './open-streams.ts'

const timer = () => new ManualTimer(new FixedClock())

describe('what is open', () => {
  proves('RS-16', 'ends at once when access is revoked', () => {
    const access = { good: true }
    const ended: string[] = []
    const streams = createOpenStreams(() => access.good, timer())
    streams.watch(alice, () => ended.push('one'))
    streams.watch(alice, () => ended.push('two'))
    streams.recheck()
    expect(ended).toEqual([])
    access.good = false
    streams.recheck()
    streams.recheck()
    expect(ended).toEqual(['one', 'two'])
  })

  proves('RS-16', 'ends within a second of its expiry, without anybody calling', () => {
    const clock = new FixedClock()
    const time = new ManualTimer(clock)
    let ended = false
    const streams = createOpenStreams((caller) => clock.now() < caller.expiresAt, time)
    streams.watch(alice, () => {
      ended = true
    })
    for (let second = 0; second < 589; second++) time.advance(1)
    expect(ended).toBe(false)
    time.advance(1)
    expect(ended).toBe(true)
    expect(time.pending).toBe(0)
  })

  test('costs nothing once it is closed', () => {
    const time = timer()
    const streams = createOpenStreams(() => true, time)
    const unwatch = streams.watch(alice, () => expect.fail())
    unwatch()
    unwatch()
    expect([streams.size, time.pending]).toEqual([0, 0])
  })
})

describe('a response', () => {
  const EVENTS = { headers: { 'content-type': 'text/event-stream' } }

  function openBody() {
    const state: { cancelled: boolean; send: (text: string) => void } = { cancelled: false, send: () => {} }
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        state.send = (text) => controller.enqueue(new TextEncoder().encode(text))
      },
      cancel: () => {
        state.cancelled = true
      },
    })
    return { body, state }
  }

  proves('RS-16', 'that streams passes on what it is given, and ends when access ends', async () => {
    let end = () => {}
    const { body, state } = openBody()
    const limited = limitResponse(new Response(body, { ...EVENTS, status: 201 }), (onEnd) => {
      end = onEnd
      return () => {}
    })
    expect([limited.status, limited.headers.get('content-type')]).toEqual([201, 'text/event-stream'])
    const reader = limited.body?.getReader()
    state.send('data: 1\n\n')
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: 1\n\n')
    const last = reader?.read()
    end()
    expect(await last).toEqual({ done: true, value: undefined })
    expect(state.cancelled).toBe(true)
  })

  test('that is read to its end, or given up by its reader, is watched no longer', async () => {
    let watching = 0
    const watch = () => {
      watching++
      return () => {
        watching--
      }
    }
    await limitResponse(new Response('data: 1\n\n', EVENTS), watch).text()
    expect(watching).toBe(0)
    const { body, state } = openBody()
    await limitResponse(new Response(body, EVENTS), watch).body?.cancel()
    expect([watching, state.cancelled]).toEqual([0, true])
  })

  test('that is one JSON answer, or none, is left alone', () => {
    for (const response of [Response.json({}), new Response(null, { status: 202 })]) {
      expect(limitResponse(response, () => expect.fail())).toBe(response)
    }
  })
})

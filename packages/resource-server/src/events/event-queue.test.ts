import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { FixedClock, ManualTimer } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { silentLog } from '../../test/fixture/guard.ts'
import { createEventQueue } from './event-queue.ts'

function createTestQueue(send: (batch: readonly string[]) => Promise<void>) {
  const timer = new ManualTimer(new FixedClock())
  const lossOf = (count: number) => `lost ${count}`
  const queue = createEventQueue({ send, lossOf, timer, log: silentLog, maxQueued: 3, maxBatch: 2 })
  return { queue, timer }
}

/** Lets everything that has been started come to rest. */
const rest = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a queue of events', () => {
  test('sends what came together in batches', async () => {
    const sent: (readonly string[])[] = []
    const { queue, timer } = createTestQueue(async (batch) => void sent.push(batch))
    for (const event of ['a', 'b', 'c']) queue.add(event)
    expect(sent).toEqual([])
    timer.advance(1)
    await rest()
    expect(sent).toEqual([['a', 'b'], ['c']])
    expect(timer.pending).toBe(0)
  })

  proves('RS-19', 'drops and counts what does not fit, and reports the count once it can', async () => {
    const sent: string[] = []
    let down = true
    const { queue, timer } = createTestQueue(async (batch) => {
      if (down) throw new Fault('peer-unavailable', 'down')
      sent.push(...batch)
    })
    for (const event of ['a', 'b', 'c', 'd', 'e']) queue.add(event)
    expect(queue.lost).toBe(2)
    timer.advance(1)
    await rest()
    expect([queue.queued, sent]).toEqual([3, []])
    down = false
    timer.advance(60)
    await rest()
    expect(sent).toEqual(['a', 'b', 'lost 2', 'c'])
    expect([queue.queued, queue.lost]).toEqual([0, 2])
  })

  proves('RS-19', 'gives up a batch that will never be taken, and says so', async () => {
    const tries: (readonly string[])[] = []
    const { queue, timer } = createTestQueue(async (batch) => {
      tries.push(batch)
      if (batch.includes('bad')) throw new Fault('peer-misbehaved', 'no')
    })
    queue.add('bad')
    timer.advance(1)
    await rest()
    queue.add('good')
    timer.advance(60)
    await rest()
    expect(tries).toEqual([['bad'], ['good', 'lost 1']])
  })

  test('sends what is left when it is closed, and counts what cannot be sent', async () => {
    const { queue } = createTestQueue(() => Promise.reject(new Fault('peer-unavailable', 'down')))
    queue.add('a')
    await queue.close()
    expect([queue.queued, queue.lost]).toEqual([0, 1])
  })
})

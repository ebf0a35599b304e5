import { Fault } from '@carnet/protocol'
import { FixedClock, ManualTimer, SeededRandom } from '@carnet/testing'
import { describe, expect, test } from 'vitest'
import { facts, record, silentLog } from '../test/fixture.ts'
import { followLog } from './follow-log.ts'
import { createMemoryRevocationLog } from './memory-log.ts'
import { createRevocationIndex } from './revocation-index.ts'

const rest = () => new Promise<void>((resolve) => setImmediate(resolve))

function setUp() {
  const timer = new ManualTimer(new FixedClock())
  return {
    timer,
    ports: { timer, log: silentLog },
    log: createMemoryRevocationLog(new SeededRandom('log')),
    index: createRevocationIndex(),
  }
}

describe('following a log', () => {
  test('holds everything before it begins to serve, then hears of what is new', async () => {
    const { ports, log, index, timer } = setUp()
    for (let n = 1; n <= 1200; n++) log.append(record(n, { target: { kind: 'subject', subject: `person-${n}` } }))
    const stop = await followLog(log, index, ports)
    expect([index.seq, index.size]).toEqual([1200, 1200])
    log.append(record(1201))
    await rest()
    expect(index.find(facts)?.seq).toBe(1201)
    stop()
    await rest()
    log.append(record(1202, { id: 'late' }))
    await rest()
    expect([index.seq, timer.pending]).toEqual([1201, 0])
  })

  test('finds out by itself what nobody told it', async () => {
    const { ports, log, index, timer } = setUp()
    const stop = await followLog({ ...log, onAppend: () => () => {} }, index, ports)
    log.append(record(1))
    timer.advance(5)
    await rest()
    expect(index.seq).toBe(1)
    stop()
  })

  test('tries again when the log cannot be read, and does not begin without it', async () => {
    const { ports, log, index, timer } = setUp()
    let down = true
    const shaky: typeof log = {
      ...log,
      after: (seq, limit) => (down ? Promise.reject(new Fault('store-unavailable', 'down')) : log.after(seq, limit)),
    }
    await expect(followLog(shaky, index, ports)).rejects.toThrow(Fault)
    down = false
    const stop = await followLog(shaky, index, ports)
    down = true
    log.append(record(1))
    await rest()
    expect(index.seq).toBe(0)
    down = false
    timer.advance(1)
    await rest()
    expect(index.seq).toBe(1)
    stop()
  })
})

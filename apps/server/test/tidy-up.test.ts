import type { Log, Timer } from '@carnet/protocol'
import { expect, test } from 'vitest'
import { TIDY_EVERY_SECONDS, tidyUp } from '../src/tidy-up.ts'

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function handTimer() {
  const waiting = new Set<() => void>()
  const timer: Timer = {
    after(seconds, callback) {
      expect(seconds).toBe(TIDY_EVERY_SECONDS)
      waiting.add(callback)
      return () => waiting.delete(callback)
    },
  }
  const pass = () => {
    for (const callback of [...waiting]) {
      waiting.delete(callback)
      callback()
    }
  }
  return { timer, pass }
}

test('every job runs again and again, whatever becomes of the others, until it is called off', async () => {
  const { timer, pass } = handTimer()
  let done = 0
  const failing = async () => {
    throw new Error('down')
  }
  const stop = tidyUp([failing, async () => void done++], { timer, log: silent })
  expect(done).toBe(0)
  pass()
  pass()
  expect(done).toBe(2)
  stop()
  pass()
  expect(done).toBe(2)
})

import type { ClientId, EpochSeconds } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect } from 'vitest'
import { AMPLE } from '../test/fixture.ts'
import { createRateLimits, DEFAULT_RATE_LIMITS } from './rate-limits.ts'

const SOURCE = '192.0.2.1'
const later = (seconds: number) => (NOW + seconds) as EpochSeconds

proves('IDP-47', 'answers 429 before the fiftieth bad secret', () => {
  const limits = createRateLimits(DEFAULT_RATE_LIMITS)
  let refused = 0
  for (let attempt = 0; attempt < 50; attempt++) {
    if (!limits.admitSource(SOURCE, 'app-a', NOW).ok) refused += 1
    limits.countFailure(SOURCE, 'app-a', NOW)
  }
  expect(refused).toBe(10)
})

proves('IDP-47', 'lets nobody lock a client out from elsewhere', () => {
  const limits = createRateLimits({ ...AMPLE, failures: { burst: 1, perSecond: 1 } })
  limits.countFailure(SOURCE, 'app-a', NOW)
  expect(limits.admitSource(SOURCE, 'app-a', NOW).ok).toBe(false)
  expect(limits.admitSource('198.51.100.7', 'app-a', NOW).ok).toBe(true)
  expect(limits.admitSource(SOURCE, 'app-b', NOW).ok).toBe(true)
})

proves('IDP-47', 'slows down a source that fails under ever new names', () => {
  const limits = createRateLimits({ ...AMPLE, failuresPerSource: { burst: 2, perSecond: 1 } })
  limits.countFailure(SOURCE, 'app-1', NOW)
  limits.countFailure(SOURCE, 'app-2', NOW)
  expect(limits.admitSource(SOURCE, 'app-3', NOW).ok).toBe(false)
})

proves('IDP-47', 'says when trying again will help, and lets that attempt through', () => {
  const limits = createRateLimits({ ...AMPLE, perSource: { burst: 2, perSecond: 0.1 } })
  limits.admitSource(SOURCE, undefined, NOW)
  limits.admitSource(SOURCE, undefined, NOW)
  expect(limits.admitSource(SOURCE, undefined, NOW)).toMatchObject({ refusal: { retryAfterSeconds: 10 } })
  expect(limits.admitSource(SOURCE, undefined, later(9)).ok).toBe(false)
  expect(limits.admitSource(SOURCE, undefined, later(10)).ok).toBe(true)
})

proves('IDP-47', 'limits each authenticated client by itself', () => {
  const limits = createRateLimits({ ...AMPLE, perClient: { burst: 1, perSecond: 1 } })
  expect(limits.admitClient('a' as ClientId, NOW).ok).toBe(true)
  expect(limits.admitClient('a' as ClientId, NOW).ok).toBe(false)
  expect(limits.admitClient('b' as ClientId, NOW).ok).toBe(true)
})

proves('IDP-47', 'reports a flood once a minute, with how often it was turned away', () => {
  const limits = createRateLimits({ ...AMPLE, perSource: { burst: 1, perSecond: 0.001 } })
  limits.admitSource(SOURCE, undefined, NOW)
  const counts = [0, 1, 2, 60, 61].map((seconds) => {
    const verdict = limits.admitSource(SOURCE, undefined, later(seconds))
    return verdict.ok ? undefined : verdict.refusal.count
  })
  expect(counts).toEqual([1, 0, 0, 3, 0])
})

/** Who gets into the administration API, and what those leave behind who do not. */
import { createRateLimits, DEFAULT_RATE_LIMITS } from '@carnet/http'
import { Hidden, type IssuerId, type Log, type SecurityEvent } from '@carnet/protocol'
import { FixedClock } from '@carnet/testing'
import { expect, test } from 'vitest'
import { createAdministration } from '../src/administration/administration.ts'

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function administration() {
  const events: SecurityEvent[] = []
  const api = createAdministration({
    issuer: 'https://idp.test' as IssuerId,
    apiKey: new Hidden('the-right-key'),
    people: { disable: async () => undefined, enable: async () => undefined },
    trail: {
      byTxn: async () => expect.fail(),
      recent: async () => expect.fail(),
      verify: async () => expect.fail(),
    },
    rotateSigningKeys: async () => [],
    events: { record: async (event) => void events.push(event) },
    limits: createRateLimits(DEFAULT_RATE_LIMITS),
    clock: new FixedClock(),
    log: silent,
  })
  const rotate = (key: string, source: string) =>
    api.fetch(
      new Request('https://idp.test/api/v1/signing-keys/rotate', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
      }),
      source,
    )
  return { events, rotate }
}

test('a flood of wrong keys is turned away, on record as one event, and keeps nobody else out', async () => {
  const { events, rotate } = administration()
  const answers: number[] = []
  for (let n = 0; n < 60; n++) answers.push((await rotate(`wrong-${n}`, '192.0.2.1')).status)
  expect(answers.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 401))
  expect(new Set(answers.slice(40))).toEqual(new Set([429]))
  expect(events).toHaveLength(41)
  expect(events.at(-1)).toMatchObject({ type: 'administration.refused', reason: 'rate-limited', details: { count: 1 } })
  expect((await rotate('wrong', '192.0.2.2')).status).toBe(401)
})

test('whoever has the key is never turned away for those who do not', async () => {
  const { rotate } = administration()
  for (let n = 0; n < 60; n++) await rotate('wrong', '192.0.2.1')
  expect((await rotate('the-right-key', '192.0.2.1')).status).toBe(200)
})

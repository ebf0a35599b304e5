import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect, test } from 'vitest'
import { A, refreshToken, world } from '../../test/exchange-fixture.ts'
import { verifyRefreshToken } from './refresh-token.ts'

const { refreshTokens } = world().context
const context = { refreshTokens, client: A, now: NOW }

async function outcome(value: string) {
  const verdict = await verifyRefreshToken(value, context)
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}

const broken = [
  ['IDP-21', 'nobody knows, or that was rotated away', 'refresh-unknown', 'refresh-token-unknown'],
  ['IDP-21', 'has just expired', 'refresh-expired', 'refresh-token-expired'],
] as const

for (const [requirement, fault, value, reason] of broken) {
  proves(requirement, `refuses a refresh token that ${fault}`, async () => {
    expect(await outcome(value)).toBe(reason)
  })
}

proves(['IDP-21', 'THR-11'], 'refuses a refresh token of another client', async () => {
  expect(await outcome('refresh-of-B')).toBe('refresh-token-wrong-client')
})

proves('IDP-21', 'accepts a refresh token of the client that presents it', async () => {
  const { sid, issuedAt } = refreshToken()
  expect(await verifyRefreshToken('refresh-of-A', context)).toEqual({
    ok: true,
    value: { sid, issuedAt, subject: undefined },
  })
})

test('a store that cannot answer is a fault, not a refusal', async () => {
  const broken = { find: () => Promise.reject(new Fault('store-unavailable', 'down')) }
  await expect(verifyRefreshToken('refresh-of-A', { ...context, refreshTokens: broken })).rejects.toThrow(Fault)
})

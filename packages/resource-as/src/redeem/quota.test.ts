import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { A, at, B, IDP, IDP2, NOW } from '../../test/fixture.ts'
import { createRedemptionQuota } from './quota.ts'

const settings = { perIssuer: 3, perClient: 2, windowSeconds: 720 }

proves('THR-07', 'stops one client and leaves another alone', () => {
  const quota = createRedemptionQuota(settings)
  quota.check(IDP, A, NOW)
  quota.count(IDP, A)
  quota.count(IDP, A)
  expect(quota.check(IDP, A, NOW)).toEqual({
    ok: false,
    refusal: { reason: 'over-quota', of: 'client', retryAfterSeconds: 720 },
  })
  expect(quota.check(IDP, B, NOW)).toMatchObject({ ok: true })
})

proves('THR-07', 'stops one issuer and leaves another alone', () => {
  const quota = createRedemptionQuota({ ...settings, perClient: 100 })
  quota.check(IDP, A, NOW)
  for (let n = 0; n < 3; n++) quota.count(IDP, A)
  expect(quota.check(IDP, A, NOW)).toMatchObject({ ok: false, refusal: { of: 'issuer' } })
  expect(quota.check(IDP2, A, NOW)).toMatchObject({ ok: true })
})

proves('THR-07', 'begins anew when what was counted may be forgotten', () => {
  const quota = createRedemptionQuota(settings)
  quota.check(IDP, A, NOW)
  quota.count(IDP, A)
  quota.count(IDP, A)
  expect(quota.check(IDP, A, at(719))).toMatchObject({ ok: false })
  expect(quota.check(IDP, A, at(720))).toMatchObject({ ok: true })
})

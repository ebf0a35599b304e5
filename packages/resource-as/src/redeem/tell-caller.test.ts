import { type EpochSeconds, oauthErrorBody, PUBLIC_REASONS } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { A, ALICE, READ, S } from '../../test/fixture.ts'
import type { RedemptionRefusal } from './refusals.ts'
import { tellCaller } from './tell-caller.ts'

const secret = 'what-was-received'
const now = 1 as EpochSeconds
const body = (refusal: RedemptionRefusal) => oauthErrorBody(tellCaller(refusal))

const early: readonly RedemptionRefusal[] = [
  { reason: 'public-client' },
  { reason: 'malformed-assertion' },
  { reason: 'wrong-type', typ: secret },
  { reason: 'untrusted-issuer', iss: secret },
  { reason: 'untrusted-issuer', iss: undefined },
  { reason: 'malformed' },
  { reason: 'unacceptable-algorithm' },
  { reason: 'unknown-critical-header' },
  { reason: 'unknown-key' },
  { reason: 'bad-signature' },
]

proves('RAS-35', 'ten defects found before the signature holds have one body', () => {
  const bodies = new Set(early.map((refusal) => JSON.stringify(body(refusal))))
  expect(bodies.size).toBe(1)
  expect(body({ reason: 'bad-signature' })).not.toHaveProperty('carnet_reason')
})

for (const refusal of [{ reason: 'grant-type-missing' }, { reason: 'assertion-missing' }] as const) {
  proves('RAS-35', `${refusal.reason} has the body of every malformed request`, () => {
    expect(body(refusal)).toEqual({ error: 'invalid_request', error_description: 'The request is malformed.' })
  })
}

proves('RAS-35', 'a client that may not use the grant learns nothing of issuers', () => {
  expect(body({ reason: 'grant-not-registered' })).toEqual({
    error: 'unauthorized_client',
    error_description: 'The client may not use this grant.',
  })
})

const late: readonly (readonly [RedemptionRefusal, string, keyof typeof PUBLIC_REASONS])[] = [
  [{ reason: 'invalid-claims', paths: [secret] }, 'invalid_grant', 'assertion.invalid-claims'],
  [{ reason: 'malformed-claimed-scope' }, 'invalid_grant', 'assertion.invalid-claims'],
  [{ reason: 'wrong-audience', aud: secret }, 'invalid_grant', 'assertion.wrong-audience'],
  [{ reason: 'self-issued' }, 'invalid_grant', 'assertion.self-issued'],
  [{ reason: 'wrong-client', client_id: A }, 'invalid_grant', 'assertion.wrong-client'],
  [{ reason: 'wrong-tenant', tenant: secret }, 'invalid_grant', 'issuer.tenant-not-permitted'],
  [{ reason: 'expired', exp: now, now }, 'invalid_grant', 'assertion.expired'],
  [{ reason: 'clock-skew', iat: now, now }, 'invalid_grant', 'clock.skew'],
  [{ reason: 'not-yet-valid', nbf: now, now }, 'invalid_grant', 'assertion.not-yet-valid'],
  [{ reason: 'lifetime-too-long', seconds: 86_400 }, 'invalid_grant', 'assertion.lifetime-too-long'],
  [{ reason: 'key-bound' }, 'invalid_grant', 'assertion.proof-missing'],
  [{ reason: 'client-not-permitted' }, 'invalid_grant', 'issuer.client-not-permitted'],
  [{ reason: 'resource-not-governed', resource: S }, 'invalid_grant', 'resource.not-governed'],
  [{ reason: 'resource-outside-assertion', resource: S }, 'invalid_target', 'resource.outside-assertion'],
  [{ reason: 'resource-choice-needed' }, 'invalid_target', 'resource.choice-needed'],
  [{ reason: 'unknown-scope', scopes: [READ] }, 'invalid_grant', 'scope.unknown'],
  [{ reason: 'malformed-requested-scope' }, 'invalid_scope', 'scope.malformed'],
  [{ reason: 'nothing-granted' }, 'invalid_scope', 'scope.nothing-granted'],
  [{ reason: 'account-unknown' }, 'access_denied', 'account.unknown'],
  [{ reason: 'account-disabled', account: ALICE }, 'access_denied', 'account.disabled'],
  [{ reason: 'access-withdrawn', record: secret, eventId: secret }, 'invalid_grant', 'assertion.revoked'],
  [{ reason: 'replayed' }, 'invalid_grant', 'jti.replayed'],
]
for (const [refusal, error, reason] of late) {
  proves('RAS-35', `after that, ${refusal.reason} is one sentence and one code, and nothing that was received`, () => {
    expect(body(refusal)).toEqual({ error, error_description: PUBLIC_REASONS[reason], carnet_reason: reason })
    expect(tellCaller(refusal).status).toBe(400)
  })
}

proves('RAS-35', 'a client over its quota is told when to come back', () => {
  expect(tellCaller({ reason: 'over-quota', of: 'client', retryAfterSeconds: 7 })).toMatchObject({
    status: 429,
    error: 'temporarily_unavailable',
    retryAfterSeconds: 7,
  })
})

import { type OAuthErrorCode, oauthErrorBody, type PublicReason } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { A, I, R } from '../../test/exchange-fixture.ts'
import { type ExchangeRefusal, tellCaller } from './refusals.ts'

const PAGE = `${I}/why/1`
const nobody = { person: undefined, causes: [] }
const policy = { rule: undefined, dropped: [], policyVersion: '1' } as const

const early: readonly ExchangeRefusal[] = [
  { step: 'subject-token', refusal: { reason: 'malformed' } },
  { step: 'subject-token', refusal: { reason: 'unacceptable-algorithm' } },
  { step: 'subject-token', refusal: { reason: 'unknown-critical-header' } },
  { step: 'subject-token', refusal: { reason: 'unknown-key' } },
  { step: 'subject-token', refusal: { reason: 'bad-signature' } },
  { step: 'subject-token', refusal: { reason: 'id-token-wrong-type', typ: 'at+jwt' } },
  { step: 'subject-token', refusal: { reason: 'refresh-token-unknown' } },
]

proves('RAS-35', 'tells every unverified subject token the same', () => {
  const bodies = new Set(early.map((refused) => JSON.stringify(oauthErrorBody(tellCaller(refused, PAGE)))))
  expect([...bodies]).toEqual(['{"error":"invalid_grant","error_description":"The grant was not accepted."}'])
})

const late: readonly (readonly [ExchangeRefusal, OAuthErrorCode, PublicReason])[] = [
  [
    { step: 'client-role', refusal: { reason: 'grant-not-allowed', client: A } },
    'unauthorized_client',
    'client.grant-not-allowed',
  ],
  [
    { step: 'subject-token', refusal: { reason: 'id-token-expired', exp: 1 as never } },
    'invalid_grant',
    'subject-token.expired',
  ],
  [
    { step: 'subject-token', refusal: { reason: 'id-token-wrong-client', aud: [] } },
    'invalid_grant',
    'subject-token.wrong-client',
  ],
  [{ step: 'subject-token', refusal: { reason: 'id-token-invalid-claims' } }, 'invalid_grant', 'subject-token.invalid'],
  [{ step: 'subject-token', refusal: { reason: 'refresh-token-expired' } }, 'invalid_grant', 'subject-token.expired'],
  [
    { step: 'standing', refusal: { reason: 'session-ended', ...nobody } },
    'invalid_grant',
    'subject-token.session-ended',
  ],
  [
    { step: 'standing', refusal: { reason: 'access-revoked', ...nobody } },
    'invalid_grant',
    'subject-token.session-ended',
  ],
  [
    { step: 'standing', refusal: { reason: 'person-inactive', ...nobody } },
    'invalid_grant',
    'subject-token.person-inactive',
  ],
  [{ step: 'target', refusal: { reason: 'unknown-audience' } }, 'invalid_target', 'target.unknown-audience'],
  [
    { step: 'target', refusal: { reason: 'several-audiences', count: 2 } },
    'invalid_target',
    'target.one-audience-only',
  ],
  [{ step: 'target', refusal: { reason: 'resource-not-governed' } }, 'invalid_target', 'target.resource-not-governed'],
  [
    { step: 'target', refusal: { reason: 'client-not-mapped', authorizationServer: R } },
    'invalid_target',
    'target.client-not-mapped',
  ],
  [
    { step: 'policy', refusal: { reason: 'nothing-granted', because: 'policy.no-matching-rule', ...policy } },
    'invalid_scope',
    'scope.nothing-granted',
  ],
  [
    { step: 'policy', refusal: { reason: 'not-entitled', because: 'policy.forbidden', ...policy } },
    'access_denied',
    'policy.forbidden',
  ],
  [{ step: 'issue', refusal: { reason: 'no-external-id' } }, 'access_denied', 'account.unknown'],
]

for (const [refused, error, reason] of late) {
  proves('RAS-35', `tells ${error} with ${reason} for ${refused.refusal.reason}`, () => {
    expect(tellCaller(refused, PAGE)).toMatchObject({ status: 400, error, reason })
  })
}

proves('RAS-35', 'sends a person who is denied to the page that says why, and nobody else', () => {
  const uris = late.map(([refused, error]) => [error, tellCaller(refused, PAGE).uri] as const)
  for (const [error, uri] of uris) expect(uri).toBe(error === 'access_denied' ? PAGE : undefined)
})

proves('IDP-15', 'tells a public client what it tells any other failed authentication', () => {
  expect(tellCaller({ step: 'client-role', refusal: { reason: 'public-client', client: A } }, PAGE)).toEqual({
    status: 401,
    error: 'invalid_client',
    description: 'Client authentication failed.',
  })
})

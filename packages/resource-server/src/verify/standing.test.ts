import { type EpochSeconds, type SessionId, SOLE_TENANT, type TenantId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { createRevocationIndex, type RevocationTarget } from '@carnet/revocation'
import { NOW } from '@carnet/testing'
import { describe, expect } from 'vitest'
import { alice } from '../../test/fixture/caller.ts'
import { checkStanding } from './standing.ts'

const SKEW = 60

function at(
  now: number,
  target?: RevocationTarget,
  cutoff: EpochSeconds = alice.issuedAt,
  tenant: TenantId = SOLE_TENANT,
) {
  const revoked = createRevocationIndex()
  const expiresAt = (NOW + 3600) as EpochSeconds
  if (target) revoked.apply({ seq: 1, id: 'r1', tenant, target, cutoff, expiresAt, reason: 'left', eventId: 'e1' })
  return checkStanding(alice, { now: now as EpochSeconds, skewSeconds: SKEW, revoked })
}

describe('a caller admitted before', () => {
  proves('RS-04', 'is refused when the token has expired and the tolerance has run out', () => {
    expect(at(alice.expiresAt + SKEW)).toMatchObject({ ok: false, refusal: { reason: 'expired' } })
  })

  proves('RS-04', 'is admitted up to the last second', () => {
    expect(at(alice.expiresAt + SKEW - 1).ok).toBe(true)
  })

  const targets: readonly RevocationTarget[] = [
    { kind: 'subject', subject: alice.subject },
    { kind: 'session', session: 'session-1' as SessionId },
    { kind: 'client', client: alice.client },
    { kind: 'resource', resource: alice.resource },
    { kind: 'token', token: alice.tokenId ?? expect.fail() },
    { kind: 'everything' },
  ]
  for (const target of targets) {
    proves('REV-06', `is refused once a record ends its ${target.kind}, whose event is told`, () => {
      expect(at(NOW, target)).toMatchObject({ refusal: { reason: 'revoked', record: 'r1', eventId: 'e1' } })
    })
  }

  proves('REV-06', 'is admitted with a token issued after the cut-off', () => {
    expect(at(NOW, { kind: 'everything' }, (alice.issuedAt - 1) as EpochSeconds).ok).toBe(true)
  })

  proves('REV-06', 'is not concerned by a record of another tenant', () => {
    expect(at(NOW, { kind: 'everything' }, NOW, 'other' as TenantId).ok).toBe(true)
  })
})

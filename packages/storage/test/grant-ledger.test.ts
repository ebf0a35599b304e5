import type { ClientId, EpochSeconds, EventId, IssuerId, SecurityEvent, SessionId } from '@carnet/protocol'
import { SOLE_TENANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { createAuditLog, createAuditTrail, createGrantLedger, createRevocationStore } from '../src/index.ts'
import { describeOnBothDatabases } from './both-databases.ts'

const ISSUER = 'https://idp.acme.test' as IssuerId

function event(id: string): SecurityEvent {
  return { type: 'grant.issued', outcome: 'success', id: id as EventId, reporter: ISSUER, at: 1 as EpochSeconds }
}

function factsOf(subject: string, issuedAt: number) {
  return {
    tenant: SOLE_TENANT,
    subject,
    client: 'a' as ClientId,
    session: `session-of-${subject}` as SessionId,
    resource: undefined,
    token: undefined,
    issuedAt: issuedAt as EpochSeconds,
  }
}

describeOnBothDatabases('grants on record', (open) => {
  proves('IDP-20', 'meet a withdrawal no process has told this one of, and are then not on record', async () => {
    const db = await open()
    const audit = await createAuditLog({ db, writer: 'ledger' })
    const revocations = createRevocationStore(db)
    const grants = createGrantLedger(db, { issuer: ISSUER, audit, revocations })
    const now = await db.now()
    const withdrawn = await revocations.append(ISSUER, {
      id: 'w',
      tenant: SOLE_TENANT,
      target: { kind: 'subject', subject: 'carol' },
      keepSeconds: 60,
      reason: 'person-disabled',
      eventId: 'w',
    })

    const verdicts = await Promise.all([
      grants.commit({ event: event('alice-1'), withdrawable: factsOf('alice', now) }),
      grants.commit({ event: event('carol-1'), withdrawable: factsOf('carol', now - 5) }),
      grants.commit({ event: event('carol-2'), withdrawable: factsOf('carol', withdrawn.cutoff + 1) }),
    ])
    expect(verdicts.map((ended) => ended?.id)).toEqual([undefined, 'w', undefined])
    const recorded = await createAuditTrail(db).recent(10, { type: 'grant.issued' })
    expect(recorded.map(({ id }) => id).sort()).toEqual(['alice-1', 'carol-2'])
  })

  proves('IDP-20', 'and a withdrawal of one issuer say nothing to another', async () => {
    const db = await open()
    const audit = await createAuditLog({ db, writer: 'other-ledger' })
    const revocations = createRevocationStore(db)
    await revocations.append(ISSUER, {
      id: 'w',
      tenant: SOLE_TENANT,
      target: { kind: 'everything' },
      keepSeconds: 60,
      reason: 'drill',
      eventId: 'w',
    })
    const other = createGrantLedger(db, { issuer: 'https://idp.beta.test' as IssuerId, audit, revocations })
    expect(await other.commit({ event: event('beta-1'), withdrawable: factsOf('carol', 1) })).toBeUndefined()
  })
})

/**
 * Ends and restores what a person may do: account, sign-ins, revocation record and audit event in one transaction.
 */
import type { DecidedBy, PersonWithdrawal } from '@carnet/directory'
import {
  type EpochSeconds,
  type EventId,
  type IssuerId,
  type PersonId,
  type Random,
  type SecurityEvent,
  SOLE_TENANT,
} from '@carnet/protocol'
import type { AuditLog } from '../audit/index.ts'
import type { PeopleStore, SignInStore } from '../directory/index.ts'
import type { Database, Transaction } from '../engine/index.ts'
import { removeOidcRecords } from '../idp/index.ts'
import type { RevocationStore } from '../revocation/index.ts'

export interface PersonWithdrawalContext {
  readonly db: Database
  /** Whose revocation log gets the record. */
  readonly issuer: IssuerId
  readonly people: PeopleStore
  readonly signIns: SignInStore
  readonly revocations: RevocationStore
  readonly audit: AuditLog
  readonly random: Random
  /** Longest life of anything the issuer issued to a person, skew included, in seconds. */
  readonly keepSeconds: number
}

interface Decision {
  readonly person: PersonId
  readonly eventId: EventId
  /** The database's clock when the decision was made. */
  readonly at: EpochSeconds
}

export function createPersonWithdrawal(context: PersonWithdrawalContext): PersonWithdrawal {
  const { db, issuer, people, signIns, revocations, audit, random, keepSeconds } = context

  async function decide<Outcome>(
    username: string,
    work: (decision: Decision, tx: Transaction) => Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    const person = await people.findByUsername(username)
    if (person === undefined) return undefined
    const decision = { person: person.id, eventId: random.token(16) as EventId, at: await db.now() }
    return db.transaction((tx) => work(decision, tx))
  }

  return {
    disable: (username, by) =>
      decide(username, async ({ person, eventId }, tx) => {
        await people.setActive(person, false, tx)
        const { cutoff } = await revocations.append(
          issuer,
          {
            id: eventId,
            tenant: SOLE_TENANT,
            target: { kind: 'subject', subject: person },
            keepSeconds,
            reason: 'person-disabled',
            eventId,
          },
          tx,
        )
        await signIns.end({ person }, cutoff, tx)
        await removeOidcRecords(person, tx)
        const event = decided('person.disabled', person, eventId, by)
        await audit.append(tx, [{ ...event, reporter: issuer, at: cutoff }])
        return { person, cutoff, eventId }
      }),

    enable: (username, by) =>
      decide(username, async ({ person, eventId, at }, tx) => {
        await people.setActive(person, true, tx)
        await audit.append(tx, [{ ...decided('person.enabled', person, eventId, by), reporter: issuer, at }])
        return { person, eventId }
      }),
  }
}

function decided(
  type: 'person.disabled' | 'person.enabled',
  person: PersonId,
  id: EventId,
  { actor, reason }: DecidedBy,
): Omit<SecurityEvent, 'reporter' | 'at'> {
  return { type, outcome: 'success', id, person, details: { actor, ...(reason !== undefined && { reason }) } }
}

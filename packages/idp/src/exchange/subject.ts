/**
 * Decides whether the sign-in behind a subject token still stands, and finds the person as they are now.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.3 ID-JAG §4.3.3}
 */
import { type Person, type SignIn, subjectFor } from '@carnet/directory'
import {
  accept,
  type ClientId,
  type EpochSeconds,
  type PersonId,
  type Result,
  refuse,
  type SessionId,
  SOLE_TENANT,
  type Subject,
} from '@carnet/protocol'
import type { RevocableFacts, RevocationRecord } from '@carnet/revocation'
import type { ExchangeContext } from '../ports.ts'

/** What a verified subject token says, whatever kind it was. */
export interface SubjectFacts {
  readonly sid: SessionId
  readonly issuedAt: EpochSeconds
  /** The `sub` of an ID Token; a refresh token names nobody. */
  readonly subject: Subject | undefined
}

/** Why a sign-in no longer carries an exchange, and as much as is known of whose it was. */
export type StandingRefusal = {
  readonly reason:
    | 'session-unknown'
    | 'session-of-other-client'
    | 'session-of-other-person'
    | 'session-ended'
    | 'person-inactive'
    | 'access-revoked'
  readonly person: PersonId | undefined
  /** The events this follows from: the sign-in, and what ended it. */
  readonly causes: readonly string[]
}

/** On whose behalf the exchange is made. */
export interface ExchangeSubject {
  readonly person: Person
  readonly signIn: SignIn
  readonly issuedAt: EpochSeconds
  /** What a withdrawal would have to match to end this. */
  readonly withdrawable: RevocableFacts
}

/**
 * Looks the sign-in and the person up; groups and attributes are today's, not those of the sign-in (IDP-22).
 *
 * @throws {Fault} from the directory
 */
export async function standingSubject(
  { sid, issuedAt, subject }: SubjectFacts,
  client: ClientId,
  context: Pick<ExchangeContext, 'signIns' | 'people' | 'revocations' | 'pairwiseKey'> & { readonly now: EpochSeconds },
): Promise<Result<ExchangeSubject, StandingRefusal>> {
  const signIn = await context.signIns.find(sid)
  if (signIn === undefined) return refuse({ reason: 'session-unknown', person: undefined, causes: [] })
  const whose = { person: signIn.person, causes: [signIn.eventId] }
  if (signIn.client !== client) return refuse({ reason: 'session-of-other-client', ...whose })
  if (hasEnded(signIn, context.now)) return refuse({ reason: 'session-ended', ...whose })

  const person = await context.people.find(signIn.person)
  if (person === undefined || !person.active) return refuse({ reason: 'person-inactive', ...whose })
  if (!isNamed(subject, person, context)) return refuse({ reason: 'session-of-other-person', ...whose })

  const withdrawable = {
    tenant: SOLE_TENANT,
    subject: person.id,
    client,
    session: sid,
    resource: undefined,
    token: undefined,
    issuedAt,
  }
  const ended = context.revocations.find(withdrawable)
  return ended === undefined
    ? accept({ person, signIn, issuedAt, withdrawable })
    : refuse(withdrawn(person, signIn, ended))
}

/** The refusal that a withdrawal comes to. */
export function withdrawn(
  { id }: Pick<Person, 'id'>,
  { eventId }: Pick<SignIn, 'eventId'>,
  by: Pick<RevocationRecord, 'eventId'>,
): StandingRefusal {
  return { reason: 'access-revoked', person: id, causes: [eventId, by.eventId] }
}

function hasEnded({ endedAt }: SignIn, now: EpochSeconds): boolean {
  return endedAt !== undefined && endedAt <= now
}

/** Whether an ID Token's `sub` is the one our own ID Tokens give the person behind its session. */
function isNamed(
  subject: Subject | undefined,
  person: Person,
  { pairwiseKey }: Pick<ExchangeContext, 'pairwiseKey'>,
): boolean {
  if (subject === undefined) return true
  const own = subjectFor(person, { kind: 'directory-id' }, pairwiseKey)
  return own.ok && own.value === subject
}

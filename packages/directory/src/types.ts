/** People, groups and sign-ins. */
import type { ClientId, EpochSeconds, PersonId, SessionId } from '@carnet/protocol'

export interface Person {
  readonly id: PersonId
  readonly username: string
  readonly displayName: string
  readonly email: string | undefined
  readonly emailVerified: boolean
  readonly active: boolean
  /** Group names, without order. */
  readonly groups: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  /** The id the company's own provisioning gives the person, if any. */
  readonly externalId: string | undefined
}

export interface PeopleReader {
  /** The person as the directory has them now; a change is heard by every process within a second. */
  find(id: PersonId): Promise<Person | undefined>
  findByUsername(username: string): Promise<Person | undefined>
}

/** How and when a person authenticated. Mapped from the upstream's word, never invented (TEN-13). */
export interface AuthenticationContext {
  readonly authTime: EpochSeconds
  readonly acr: string
  readonly amr: readonly string[]
  /** Which login vouched for the person. */
  readonly upstream: string
}

/**
 * One sign-in of a person at one client. Its `sid` is in every ID Token and ID-JAG that follows from it.
 */
export interface SignIn extends AuthenticationContext {
  readonly sid: SessionId
  readonly person: PersonId
  readonly client: ClientId
  readonly endedAt: EpochSeconds | undefined
  /** The event of this sign-in, for the `causes` of what follows. */
  readonly eventId: string
}

export interface SignInReader {
  find(sid: SessionId): Promise<SignIn | undefined>
}

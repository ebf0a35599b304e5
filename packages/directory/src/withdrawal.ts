/** Ending, and giving back, everything a person may do. */
import type { EpochSeconds, PersonId } from '@carnet/protocol'

/** Who decided, for the record. */
export interface DecidedBy {
  readonly actor: string
  readonly reason?: string
}

export interface PersonWithdrawn {
  readonly person: PersonId
  /** What was issued at or before this instant has ended. */
  readonly cutoff: EpochSeconds
  /** The event of the decision, for the `causes` of what follows. */
  readonly eventId: string
}

export interface PersonRestored {
  readonly person: PersonId
  readonly eventId: string
}

/** One decision, one record: the person, the revocation and the audit event change together or not at all. */
export interface PersonWithdrawal {
  /**
   * Disables a person. Resolves once the record is durable; every process hears of it within a second.
   *
   * @returns `undefined` where nobody has this username
   */
  disable(username: string, by: DecidedBy): Promise<PersonWithdrawn | undefined>
  /** Enables a person again. What had ended stays ended: they sign in anew. */
  enable(username: string, by: DecidedBy): Promise<PersonRestored | undefined>
}

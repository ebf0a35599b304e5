/**
 * Security events: what every role reports, in one shape, to whatever keeps the audit log.
 *
 * The vocabulary of `type` values is documented and checked by `@carnet/audit`; a role only needs the shape.
 */
import type {
  AccountId,
  ClientId,
  EpochSeconds,
  EventId,
  IssuerId,
  PersonId,
  ResourceId,
  Scope,
  SessionId,
  Subject,
  TenantId,
  TokenId,
  Txn,
} from './ids.ts'

/** `refused`: a rule said no. `failed`: something of ours was down. */
export type EventOutcome = 'success' | 'refused' | 'failed'

export interface SecurityEvent {
  /** Given where others will follow from this event and name it in their `causes`. */
  readonly id?: EventId
  /** `family.past-tense`, from the documented vocabulary: `grant.issued`, `token.refused`, … */
  readonly type: string
  readonly outcome: EventOutcome
  /** The party that reports: an issuer identifier, or a resource identifier for a guard. */
  readonly reporter: IssuerId | ResourceId
  /** When it happened at the reporter. */
  readonly at: EpochSeconds
  readonly txn?: Txn
  /** Ids of sign-ins, approvals, revocations or events this one follows from. */
  readonly causes?: readonly string[]
  readonly tenant?: TenantId
  readonly person?: PersonId
  /** The same human as one audience knows them. */
  readonly subject?: Subject | AccountId
  readonly client?: ClientId
  /** The authorization server a grant is for. */
  readonly audience?: IssuerId
  readonly resource?: ResourceId
  readonly requestedScopes?: readonly Scope[]
  readonly grantedScopes?: readonly Scope[]
  readonly tool?: string
  readonly session?: SessionId
  /** The `jti` of the grant or token concerned; never the token. */
  readonly tokenId?: TokenId
  /** Internal, kebab-case reason of a refusal. */
  readonly reason?: string
  /** The rule that decided, by id. */
  readonly rule?: string
  readonly policyVersion?: string
  /** Received and expected values and whatever else explains the event; printable facts only. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

/** Where security events go. */
export interface EventSink {
  /**
   * Resolves when the event will survive a crash of this process.
   *
   * @throws {Fault} `audit-unavailable`: what was about to be answered must then not be issued
   */
  record(event: SecurityEvent): Promise<void>
}

/** The revocation record: one decision to end access, in the vocabulary of the party that keeps it. */
import type { ClientId, EpochSeconds, ResourceId, SessionId, TenantId, TokenId } from '@carnet/protocol'

/** What ends. At the issuer a subject is a person; at a Resource AS it is a local account. */
export type RevocationTarget =
  | { readonly kind: 'subject'; readonly subject: string }
  | { readonly kind: 'session'; readonly session: SessionId }
  | { readonly kind: 'client'; readonly client: ClientId }
  | { readonly kind: 'resource'; readonly resource: ResourceId }
  | { readonly kind: 'token'; readonly token: TokenId }
  | { readonly kind: 'everything' }

/** Ends everything of the target that was issued at or before the cut-off. */
export interface RevocationRecord {
  /** Position in the feed of the party that keeps the record: grows, never repeats, may have gaps. */
  readonly seq: number
  readonly id: string
  readonly tenant: TenantId
  readonly target: RevocationTarget
  /** INVARIANT (cut-off): a token with `iat` ≤ cutoff is ended, one with a later `iat` is not. */
  readonly cutoff: EpochSeconds
  /** When no token it could match is alive any more, so that an index may forget it. */
  readonly expiresAt: EpochSeconds
  readonly reason: string
  /** The event id this record was made by, for the `causes` of what follows. */
  readonly eventId: string
}

/** What a record is matched against. */
export interface RevocableFacts {
  readonly tenant: TenantId
  readonly subject: string
  readonly client: ClientId
  readonly session: SessionId | undefined
  readonly resource: ResourceId | undefined
  readonly token: TokenId | undefined
  readonly issuedAt: EpochSeconds
}

/** Where a process reads records it has not heard yet. */
export interface RevocationLog {
  /**
   * Names this history of records. A store that begins anew has another name, so that a position in the old
   * history is not mistaken for one in the new.
   */
  generation(): Promise<string>
  /** Records after `seq`, in order; at most `limit`. */
  after(seq: number, limit: number): Promise<readonly RevocationRecord[]>
  /** Calls back whenever there may be something new. */
  onAppend(listener: () => void): () => void
}

/** What the token exchange needs from outside. */

import type { PairwiseKey, PeopleReader, SignInReader } from '@carnet/directory'
import type { AuthenticatingClient, RateLimits } from '@carnet/http'
import type { PolicyDecider } from '@carnet/policy'
import type {
  ClientId,
  Clock,
  EpochSeconds,
  EventSink,
  IssuerId,
  KeyId,
  Log,
  Random,
  ReplayGuard,
  SecurityEvent,
  SessionId,
  Txn,
} from '@carnet/protocol'
import type { ClientEntry, RegistryReader } from '@carnet/registry'
import type { RevocableFacts, RevocationRecord } from '@carnet/revocation'
import type { SigningAlgorithm, SigningKey, VerificationKey } from '@carnet/tokens'

/** The issuer's own keys, in memory: a token of ours is verified and signed without I/O. */
export interface IssuerKeys {
  /**
   * Finds a key that is published now: signing, or retired while a token it signed may still live.
   *
   * @param kid - attacker-controlled
   */
  find(kid: KeyId): VerificationKey | undefined
  /** @throws {Fault} `keys-unavailable` where no key of the algorithm is in force */
  signer(alg: SigningAlgorithm, now: EpochSeconds): SigningKey
}

/** What one of the issuer's refresh tokens stands for. */
export interface RefreshTokenFacts {
  readonly client: ClientId
  /** The sign-in it hangs on. */
  readonly sid: SessionId
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** The refresh tokens of the OpenID side, as the exchange reads them. */
export interface RefreshTokens {
  /**
   * Looks a refresh token up. It is neither rotated nor consumed by that (IDP-23).
   *
   * @param value - attacker-controlled
   * @returns `undefined` for one that is unknown, has been rotated away or was revoked
   * @throws {Fault} `store-unavailable`
   */
  find(value: string): Promise<RefreshTokenFacts | undefined>
}

/** What has been withdrawn: the in-memory index of `@carnet/revocation`. */
export interface Revocations {
  find(facts: RevocableFacts): RevocationRecord | undefined
}

/** A grant that is about to be handed out. */
export interface PendingGrant {
  readonly event: SecurityEvent
  /** What a withdrawal would have to match: whom it is for, through which client, of which sign-in, since when. */
  readonly withdrawable: RevocableFacts
}

/** The one place where a grant becomes a fact. */
export interface Grants {
  /**
   * Puts a grant on record, in order with the withdrawals of all processes: it is on record before a withdrawal is
   * made, or it meets the withdrawal here.
   *
   * @returns the withdrawal that came first; nothing is on record then, and the grant must not be handed out
   * @throws {Fault} `store-unavailable` or `audit-unavailable`
   */
  commit(grant: PendingGrant): Promise<RevocationRecord | undefined>
}

/** The policy in force; asked for on every exchange, so that a new version is used from the next one on. */
export interface PolicyInForce {
  currentDecider(): PolicyDecider
}

/** What the issuer needs to exchange a subject token. No field is optional, so no check can be left out. */
export interface ExchangeContext {
  /** The issuer's own identifier. */
  readonly self: IssuerId
  readonly registry: RegistryReader
  readonly keys: IssuerKeys
  readonly people: PeopleReader
  readonly signIns: SignInReader
  readonly refreshTokens: RefreshTokens
  readonly revocations: Revocations
  readonly policy: PolicyInForce
  /** Shared with every other endpoint that authenticates clients: an assertion is used once among all of them. */
  readonly replay: ReplayGuard
  readonly limits: RateLimits
  readonly grants: Grants
  readonly events: EventSink
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly pairwiseKey: PairwiseKey
  /** Tolerated difference between a client's clock and ours, in seconds. */
  readonly skewSeconds: number
  /** The page where the person reads why and may ask for access, as `error_uri`. */
  readonly explanationPage: (txn: Txn) => string
}

/** A registered client is one that can authenticate: the compiler holds the two vocabularies together. */
export type AuthenticatingClientEntry = ClientEntry & AuthenticatingClient

/** What a Resource Authorization Server needs from outside. */
import type { AuthenticatingClient } from '@carnet/http'
import type {
  AccountId,
  ClientId,
  Clock,
  EpochSeconds,
  EventSink,
  IssuerId,
  Log,
  Random,
  ReplayGuard,
  ResourceId,
  Scope,
  SecurityEvent,
  SessionId,
  Subject,
  TenantId,
  TokenId,
  Txn,
} from '@carnet/protocol'
import type {
  RevocableFacts,
  RevocationIndex,
  RevocationLog,
  RevocationRecord,
  RevocationTarget,
} from '@carnet/revocation'
import type { KeyRing, KeySource, SigningAlgorithm } from '@carnet/tokens'

/**
 * An issuer whose ID-JAGs are redeemed, and how far it is trusted. Everything is named: an empty list means nobody
 * and nothing.
 */
export interface TrustedIssuer {
  readonly tenant: TenantId
  readonly issuer: IssuerId
  /** The `tenant` its assertions must carry; `undefined` where they must carry none. */
  readonly issuerTenant: TenantId | undefined
  /** Where its keys are: a URL, or a JWK set document entered by hand. */
  readonly keys: { readonly jwksUri: string } | { readonly jwks: unknown }
  readonly algorithms: readonly SigningAlgorithm[]
  readonly permittedClients: readonly ClientId[]
  readonly permittedResources: readonly ResourceId[]
  /** No scope outside this list is granted on its word. */
  readonly scopeCeiling: readonly Scope[]
  /** Longest accepted `exp - iat`, in seconds: 600 unless there is a reason, at most 3600. */
  readonly maxLifetimeSeconds: number
  /** What becomes of a scope in the assertion that the resource does not have (Δ C-12). */
  readonly unknownScopes: 'refuse' | 'drop'
  readonly subjects: SubjectResolution
}

/** How a subject without a link finds an account. */
export interface SubjectResolution {
  /** Match `sub` with the `externalId` that this issuer's provisioning gave an account. */
  readonly byExternalId: boolean
  /** Create an account for a person never seen before. */
  readonly createAccounts: boolean
}

/** A client of this server; not to be confused with the same software's registration at an issuer. */
export interface ResourceAsClient extends AuthenticatingClient {
  readonly tenant: TenantId
  readonly name: string
  readonly grantTypes: readonly string[]
  readonly permittedResources: readonly ResourceId[]
  readonly permittedScopes: readonly Scope[]
}

/** An MCP server whose access tokens this server issues. */
export interface GovernedResource {
  readonly tenant: TenantId
  readonly id: ResourceId
  readonly scopes: readonly Scope[]
  /** Granted where an assertion carries no `scope` at all. */
  readonly minimumScopes: readonly Scope[]
  /** 60 to 3600; 600 unless there is a reason. */
  readonly tokenLifetimeSeconds: number
}

/** How an MCP server identifies itself when it introspects or follows the revocation feed. */
export interface ResourceServerCredential extends AuthenticatingClient {
  /** The resources it speaks for. */
  readonly resources: readonly ResourceId[]
  readonly tenants: readonly TenantId[]
}

/** One consistent view of everything registered, in memory and without I/O. */
export interface Registrations {
  readonly clients: ReadonlyMap<ClientId, ResourceAsClient>
  /** INVARIANT (issuer trust): asked with the byte-exact issuer identifier and the client's tenant. */
  findIssuer(tenant: TenantId, issuer: string): TrustedIssuer | undefined
  readonly trustedIssuers: readonly TrustedIssuer[]
  /** The resources of one tenant. */
  resourcesOf(tenant: TenantId): readonly GovernedResource[]
  /** The resources of all tenants. */
  readonly resources: readonly GovernedResource[]
  /** Every scope of every resource. */
  readonly scopes: readonly Scope[]
  readonly resourceServers: ReadonlyMap<ClientId, ResourceServerCredential>
}

export interface RegistrationsReader {
  /** The newest view this process has heard of; at most a second behind the store. */
  current(): Registrations
}

/** The keys of a trusted issuer; one source for each issuer, so that keys are never mixed. */
export interface IssuerKeys {
  of(issuer: TrustedIssuer): KeySource
}

/** An end-user as one tenant of one issuer names them: what a link to an account is keyed by, byte for byte. */
export interface ExternalSubject {
  readonly tenant: TenantId
  readonly issuer: IssuerId
  readonly issuerTenant: TenantId | undefined
  readonly subject: Subject
}

export interface Account {
  readonly id: AccountId
  readonly tenant: TenantId
  readonly active: boolean
  /** No token outlives this, if set. */
  readonly endsAt: EpochSeconds | undefined
}

/** Local accounts and their links to subjects. A first hit is stored as the link. */
export interface Accounts {
  findLinked(subject: ExternalSubject): Promise<Account | undefined>
  /** Links the one unlinked account that this issuer's provisioning gave `subject` as `externalId`, if there is one. */
  linkByExternalId(subject: ExternalSubject): Promise<Account | undefined>
  /** Creates an account with no rights of its own; two callers at once get the same one. */
  create(subject: ExternalSubject): Promise<Account>
}

/** What is kept of an access token, so that revocation by any of its keys finds it. Never the token. */
export interface TokenRecord {
  readonly id: TokenId
  readonly tenant: TenantId
  readonly account: AccountId
  readonly client: ClientId
  readonly issuer: IssuerId
  readonly subject: Subject
  /** The `jti` of the ID-JAG it was issued for. */
  readonly grant: TokenId
  readonly session: SessionId | undefined
  readonly resource: ResourceId
  readonly issuedAt: EpochSeconds
  /** `iat` of the ID-JAG: a withdrawal that reached us late still ends what came of an earlier grant. */
  readonly grantIssuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** Everything that becomes true when an ID-JAG is redeemed. */
export interface Redemption {
  readonly token: TokenRecord
  /** The claim on the ID-JAG's `jti` must not be forgotten before this. */
  readonly rememberUntil: EpochSeconds
  /** The ways in which the access may have been withdrawn since the ID-JAG was issued. */
  readonly withdrawable: readonly RevocableFacts[]
  readonly event: SecurityEvent
}

export type RedemptionVerdict =
  | { readonly kind: 'first' }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'withdrawn'; readonly record: RevocationRecord }

/** The one place where an ID-JAG is used up. */
export interface Redemptions {
  /**
   * Claims `(tenant, issuer, jti)` and keeps the token record and the audit event, all in one atomic step. There is
   * deliberately no way to ask whether a `jti` was used without claiming it.
   *
   * The step is in order with `Revocations.append`: a withdrawal is either seen here, or its author sees the token.
   *
   * @returns `first` to exactly one caller once everything is durable; for any other answer nothing is kept
   * @throws {Fault} `store-unavailable` or `audit-unavailable`: no token may then be handed out
   */
  commit(redemption: Redemption): Promise<RedemptionVerdict>
}

/** Names the living tokens of one person, session, client, grant or tenant. */
export type TokenQuery = { readonly tenant: TenantId } & (
  | { readonly account: AccountId }
  | { readonly issuer: IssuerId; readonly subject: Subject }
  | { readonly session: SessionId }
  | { readonly client: ClientId }
  | { readonly issuer: IssuerId; readonly grant: TokenId }
  | { readonly everything: true }
)

export interface TokenRecords {
  /** @param livingAt - leaves out what had expired by then */
  find(query: TokenQuery, livingAt: EpochSeconds): Promise<readonly TokenRecord[]>
}

/** A withdrawal, before it has its place in the log. */
export interface NewRevocation {
  readonly id: string
  readonly tenant: TenantId
  readonly target: RevocationTarget
  /** The store's now unless given; never later than that. */
  readonly cutoff?: EpochSeconds
  /** Longest life of anything it ends, skew included, in seconds. */
  readonly keepSeconds: number
  readonly reason: string
  readonly eventId: string
}

/** What has ended at this server. */
export interface Revocations {
  readonly index: RevocationIndex
  readonly log: RevocationLog
  /** Durable when resolved. A record whose id is already there changes nothing, and is answered. */
  append(revocation: NewRevocation): Promise<RevocationRecord>
}

/** This server's own signing keys, and nobody else's. */
export interface SigningKeys {
  /** As this process has heard of them; at most a second behind the store. */
  ring(): KeyRing
}

export interface ResourceAsPorts {
  readonly registrations: RegistrationsReader
  readonly issuerKeys: IssuerKeys
  readonly accounts: Accounts
  readonly redemptions: Redemptions
  readonly tokens: TokenRecords
  readonly revocations: Revocations
  readonly signingKeys: SigningKeys
  /** For client assertions. */
  readonly replay: ReplayGuard
  readonly events: EventSink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** A correlation id: 128 random bits. */
export function mintTxn(random: Random): Txn {
  return random.token(16) as Txn
}

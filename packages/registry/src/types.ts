/** What an administrator registers: authorization servers, MCP servers with their scopes and tools, and clients. */
import type { ClientId, EpochSeconds, IssuerId, ResourceId, Scope, SubjectRule } from '@carnet/protocol'
import type { SigningAlgorithm } from '@carnet/tokens'

/** How much harm a scope or tool can do, from least to most. */
export const SCOPE_CLASSES = ['read', 'write', 'destructive', 'sensitive'] as const
export type ScopeClass = (typeof SCOPE_CLASSES)[number]

/** A Resource Authorization Server the issuer may issue ID-JAGs for. */
export interface AuthorizationServerEntry {
  readonly issuer: IssuerId
  readonly name: string
  /** Further audience values that mean this server; empty by default (IDP-14). */
  readonly aliases: readonly string[]
  /** Whether `issuer` with one more or one less trailing slash is understood as an audience (Δ C-20). */
  readonly acceptsSlashVariant: boolean
  readonly signingAlgorithm: SigningAlgorithm
  readonly subjectRule: SubjectRule
  /** Personal claims this server needs; none by default (IDP-43). */
  readonly releasedClaims: readonly 'email'[]
  /** `exp - iat` of the ID-JAGs issued for it, in seconds: 30 to 600. */
  readonly idJagLifetimeSeconds: number
}

export interface ScopeEntry {
  readonly name: Scope
  readonly title: string
  readonly class: ScopeClass
}

export interface ToolEntry {
  readonly name: string
  readonly class: ScopeClass
  /** All are needed to call the tool. */
  readonly scopes: readonly Scope[]
}

/** An MCP server. Only an approved one can be reached. */
export interface ServerEntry {
  readonly resource: ResourceId
  readonly authorizationServer: IssuerId
  readonly name: string
  readonly state: 'proposed' | 'approved' | 'suspended' | 'retired'
  readonly environment: 'production' | 'sandbox'
  readonly scopes: readonly ScopeEntry[]
  readonly tools: readonly ToolEntry[]
}

export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'

/** A stored secret: SHA-256 of 256 random bits, so that the store gives nothing away. */
export interface ClientSecretHash {
  readonly sha256: string
  /** Accepted until then; set on the old secret of a rotation. */
  readonly until: EpochSeconds | undefined
}

/** An MCP client, as an OAuth client of the issuer. This record is the truth; every other form is a projection. */
export interface ClientEntry {
  readonly id: ClientId
  readonly name: string
  readonly enabled: boolean
  readonly authMethods: readonly ClientAuthMethod[]
  readonly secrets: readonly ClientSecretHash[]
  /** Public keys for `private_key_jwt`, as a JWK set document. */
  readonly jwks: unknown
  /** An administrator named this public client as an exception (IDP-15); audited on every use. */
  readonly publicException: boolean
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  /** Native clients may vary the port of a loopback redirect URI (IDP-03). */
  readonly applicationType: 'web' | 'native'
  readonly grantTypes: readonly string[]
  /** The id this client has at each Resource Authorization Server (IDP-37). */
  readonly registrations: Readonly<Record<string, ClientId>>
}

/** One consistent view of everything registered, in memory and without I/O. */
export interface RegistrySnapshot {
  readonly version: string
  readonly authorizationServers: readonly AuthorizationServerEntry[]
  readonly servers: readonly ServerEntry[]
  readonly clients: ReadonlyMap<ClientId, ClientEntry>
}

/** The registry as the token path reads it. */
export interface RegistryReader {
  /** The newest view this process has heard of; at most a second behind the database. */
  current(): RegistrySnapshot
}

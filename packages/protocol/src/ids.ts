/**
 * Branded identifiers: two strings that mean different things do not compile into each other.
 *
 * A brand is given where a value enters (a schema, a store, a generator), never by assertion in between.
 */
declare const brand: unique symbol
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** An issuer identifier: an exact string, compared and never normalised (RFC 8414 §2). */
export type IssuerId = Branded<string, 'IssuerId'>
/** The id of an OAuth client at one particular authorization server. */
export type ClientId = Branded<string, 'ClientId'>
/** The registered spelling of an MCP server's resource identifier (RFC 8707 §2). */
export type ResourceId = Branded<string, 'ResourceId'>
/** An end-user as an issuer names them towards one audience. */
export type Subject = Branded<string, 'Subject'>
/** A person in the deployment's directory. Stable, never reused. */
export type PersonId = Branded<string, 'PersonId'>
/** A local account of a Resource Authorization Server; the `sub` of its access tokens. */
export type AccountId = Branded<string, 'AccountId'>
/** A customer tenant of a Resource Authorization Server. */
export type TenantId = Branded<string, 'TenantId'>
/** One sign-in of one person, as one particular party is told of it. */
export type SessionId = Branded<string, 'SessionId'>
/** A `jti`: unique within the issuer that chose it. */
export type TokenId = Branded<string, 'TokenId'>
/** The id of one exchange and all that follows from it: 128 random bits, base64url. */
export type Txn = Branded<string, 'Txn'>
/** An audit event's id. */
export type EventId = Branded<string, 'EventId'>
/** One scope token (RFC 6749 §3.3). */
export type Scope = Branded<string, 'Scope'>
/** A key's identifier within one issuer's key set. */
export type KeyId = Branded<string, 'KeyId'>

/** An instant, in whole seconds since the Unix epoch. */
export type EpochSeconds = Branded<number, 'EpochSeconds'>

/** The tenant of a deployment that has only one. */
export const SOLE_TENANT = 'default' as TenantId

const TXN_FORM = /^[A-Za-z0-9_-]{22}$/

/** Reads a `txn` that another party sent. Anything but our own form is treated as absent. */
export function parseTxn(value: unknown): Txn | undefined {
  return typeof value === 'string' && TXN_FORM.test(value) ? (value as Txn) : undefined
}

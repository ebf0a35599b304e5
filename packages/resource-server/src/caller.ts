/** Who calls, as a verified access token says. Holds no token, so it may be logged and handed to tools. */
import type {
  AccountId,
  ClientId,
  EpochSeconds,
  IssuerId,
  ResourceId,
  Scope,
  SessionId,
  TenantId,
  TokenId,
  Txn,
} from '@carnet/protocol'
import type { RevocableFacts } from '@carnet/revocation'

export interface Caller {
  /** The Resource Authorization Server that issued the access token. */
  readonly issuer: IssuerId
  readonly tenant: TenantId
  /** The account at that server; means nothing without `issuer` and `tenant`. */
  readonly subject: AccountId
  readonly client: ClientId
  /** As granted; what they imply is not listed. */
  readonly scopes: readonly Scope[]
  readonly resource: ResourceId
  readonly session: SessionId | undefined
  readonly txn: Txn
  /** The `jti` of the access token. */
  readonly tokenId: TokenId | undefined
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/**
 * What two requests of the same caller have in common: issuer, tenant and subject. Key your own state by it.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/security_best_practices MCP security best practices}
 */
export function callerKey({ issuer, tenant, subject }: Caller): string {
  return JSON.stringify([issuer, tenant, subject])
}

/** What a revocation record is matched against. */
export function revocableFacts(caller: Caller): RevocableFacts {
  const { tenant, subject, client, session, resource, tokenId, issuedAt } = caller
  return { tenant, subject, client, session, resource, token: tokenId, issuedAt }
}

/**
 * Turns access tokens into callers, remembering those already seen.
 *
 * The memory is keyed by a hash, bounded, and short: a key withdrawn by its issuer stops working within a minute of
 * our hearing of it.
 */
import {
  type AccessTokenClaims,
  type AccountId,
  accept,
  type ClientId,
  type EpochSeconds,
  type IssuerId,
  type OutboundHttp,
  parseScopes,
  parseTxn,
  type Random,
  type ResourceId,
  type Result,
  refuse,
  type Scope,
  type SessionId,
  SOLE_TENANT,
  type TenantId,
  type Txn,
} from '@carnet/protocol'
import { sha256Text } from '@carnet/tokens'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../caller.ts'
import type { TokenRefusal } from '../refusals.ts'
import { type IssuerTrust, verifyAccessToken } from './access-token.ts'
import { type ActiveToken, type IntrospectionEndpoint, introspect } from './introspect.ts'

export interface TokenVerifier {
  /** The caller behind a token verified a moment ago, without I/O. What may have changed since is not checked. */
  known(token: string, now: EpochSeconds): Caller | undefined
  /** @throws {Fault} `keys-unavailable`, `peer-unavailable`, `peer-misbehaved`: not the client's fault */
  verify(token: string, now: EpochSeconds): Promise<Result<Caller, TokenRefusal>>
}

export interface TokenVerifierOptions {
  readonly resource: ResourceId
  readonly issuers: ReadonlyMap<string, IssuerTrust>
  /** Whom to ask about tokens that are no JWTs. */
  readonly introspection: (IntrospectionEndpoint & { readonly cacheSeconds: number }) | undefined
  readonly skewSeconds: number
  readonly maxTokens: number
  readonly http: OutboundHttp
  readonly random: Random
}

interface Known {
  readonly caller: Caller
  readonly until: EpochSeconds
}

/** A verified signature is believed this long, in seconds. */
const REMEMBER_SECONDS = 60
const JWT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { resource, issuers, introspection, skewSeconds, http, random } = options
  const seen = new LRUCache<string, Known>({ max: options.maxTokens })
  const underWay = new Map<string, Promise<Result<Caller, TokenRefusal>>>()

  async function verifyJwt(token: string, now: EpochSeconds): Promise<Result<Caller, TokenRefusal>> {
    const claims = await verifyAccessToken(token, { resource, issuers, now, skewSeconds })
    return claims.ok ? callerFromClaims(claims.value, resource, random) : claims
  }

  async function verifyOpaque(token: string): Promise<Result<Caller, TokenRefusal>> {
    if (introspection === undefined) return refuse({ reason: 'malformed' })
    const active = await introspect(token, resource, introspection, http)
    return active.ok ? callerFromIntrospection(active.value, introspection.issuer, resource, random) : active
  }

  async function verifyOnce(key: string, token: string, now: EpochSeconds): Promise<Result<Caller, TokenRefusal>> {
    const isJwt = JWT_FORM.test(token)
    const caller = await (isJwt ? verifyJwt(token, now) : verifyOpaque(token))
    if (!caller.ok) return caller
    const rememberSeconds = isJwt ? REMEMBER_SECONDS : (introspection?.cacheSeconds ?? 0)
    const until = Math.min(now + rememberSeconds, caller.value.expiresAt + skewSeconds) as EpochSeconds
    seen.set(key, { caller: caller.value, until })
    return caller
  }

  return {
    known(token, now) {
      const known = seen.get(sha256Text(token))
      return known !== undefined && now < known.until ? known.caller : undefined
    },
    verify(token, now) {
      const key = sha256Text(token)
      const asked = underWay.get(key)
      if (asked !== undefined) return asked
      const verifying = verifyOnce(key, token, now).finally(() => underWay.delete(key))
      underWay.set(key, verifying)
      return verifying
    },
  }
}

function callerFromClaims(
  claims: AccessTokenClaims,
  resource: ResourceId,
  random: Random,
): Result<Caller, TokenRefusal> {
  const scopes = scopesOf(claims.scope)
  if (!scopes.ok) return scopes
  return accept({
    issuer: claims.iss,
    tenant: claims.tenant ?? SOLE_TENANT,
    subject: claims.sub,
    client: claims.client_id,
    scopes: scopes.value,
    resource,
    session: claims.sid,
    txn: txnOf(claims.txn, random),
    tokenId: claims.jti,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  })
}

function callerFromIntrospection(
  token: ActiveToken,
  issuer: IssuerId,
  resource: ResourceId,
  random: Random,
): Result<Caller, TokenRefusal> {
  const scopes = scopesOf(token.scope)
  if (!scopes.ok) return scopes
  return accept({
    issuer,
    tenant: (token.tenant ?? SOLE_TENANT) as TenantId,
    subject: token.sub as AccountId,
    client: token.client_id as ClientId,
    scopes: scopes.value,
    resource,
    session: token.sid as SessionId | undefined,
    txn: txnOf(token.txn, random),
    tokenId: token.jti,
    // Without a time of issue, any revocation that names it ends it.
    issuedAt: token.iat ?? (0 as EpochSeconds),
    expiresAt: token.exp,
  })
}

function scopesOf(scope: string | undefined): Result<readonly Scope[], TokenRefusal> {
  if (scope === undefined || scope === '') return accept([])
  const scopes = parseScopes(scope)
  return scopes.ok ? scopes : refuse({ reason: 'invalid-claims', paths: ['scope'] })
}

/** A chain that came without an id gets one here. */
function txnOf(txn: string | undefined, random: Random): Txn {
  return parseTxn(txn) ?? (random.token(16) as Txn)
}

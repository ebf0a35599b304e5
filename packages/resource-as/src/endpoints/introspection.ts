/**
 * Tells a resource server whether a token presented to it is alive, and nothing about anybody else's tokens.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 RFC 7662 §2}
 */
import type { AccessTokenClaims, Result } from '@carnet/protocol'
import type { RevocationIndex } from '@carnet/revocation'
import type { ResourceServerCredential } from '../ports.ts'
import { checkNotRevoked, type OwnTokenRefusal, resourcesOf } from './own-token.ts'

export type Introspection = Readonly<Record<string, unknown>> & { readonly active: boolean }

/** Exactly this for every other case, so that asking reveals nothing (RFC 7662 §2.2). */
const INACTIVE: Introspection = Object.freeze({ active: false })

export function introspection(
  token: Result<AccessTokenClaims, OwnTokenRefusal>,
  caller: ResourceServerCredential,
  index: RevocationIndex,
): Introspection {
  if (!token.ok) return INACTIVE
  const claims = token.value
  if (!resourcesOf(claims).every((resource) => caller.resources.includes(resource))) return INACTIVE
  if (!checkNotRevoked(claims, index).ok) return INACTIVE
  const { iss, sub, aud, client_id, scope, exp, iat, jti, txn, sid, tenant, auth_time, acr, amr } = claims
  return {
    active: true,
    iss,
    sub,
    aud,
    client_id,
    scope,
    exp,
    iat,
    jti,
    token_type: 'Bearer',
    txn,
    sid,
    tenant,
    auth_time,
    acr,
    amr,
  }
}

/**
 * The rules an ID-JAG's claims must keep, once its signature is known to be good.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4.1 ID-JAG §4.4.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523 §3}
 */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  type IdJagClaims,
  type IssuerId,
  type Result,
  refuse,
} from '@carnet/protocol'
import type { TrustedIssuer } from '../ports.ts'

/** What the server knows when the assertion arrives. No field is optional, so no check can be left out. */
export interface AssertionRules {
  readonly self: IssuerId
  /** Issuers that are this server under another name (Δ C-27). */
  readonly sameTrustDomain: readonly IssuerId[]
  /** The client that authenticated on this token request. */
  readonly client: ClientId
  readonly now: EpochSeconds
  /** Tolerated clock difference between the two trust domains, in seconds. */
  readonly skewSeconds: number
}

export type ClaimsRefusal =
  | { readonly reason: 'wrong-audience'; readonly aud: string }
  | { readonly reason: 'self-issued' }
  | { readonly reason: 'wrong-client'; readonly client_id: ClientId }
  | { readonly reason: 'wrong-tenant'; readonly tenant: string | undefined }
  | { readonly reason: 'expired'; readonly exp: EpochSeconds; readonly now: EpochSeconds }
  | { readonly reason: 'clock-skew'; readonly iat: EpochSeconds; readonly now: EpochSeconds }
  | { readonly reason: 'not-yet-valid'; readonly nbf: EpochSeconds; readonly now: EpochSeconds }
  | { readonly reason: 'lifetime-too-long'; readonly seconds: number }
  | { readonly reason: 'key-bound' }
  | { readonly reason: 'client-not-permitted' }

/**
 * `aud` is this server's issuer identifier, as a string or as the only element of an array: not its token endpoint,
 * not another spelling, and nobody else beside it. What is no audience at all is left to the claims' schema.
 */
export function checkAudience(payload: unknown, self: IssuerId): Result<undefined, ClaimsRefusal> {
  const aud = typeof payload === 'object' && payload !== null && 'aud' in payload ? payload.aud : undefined
  const named = typeof aud === 'string' ? [aud] : aud
  if (!Array.isArray(named)) return accept()
  if (named.length !== 1 || named[0] !== self) return refuse({ reason: 'wrong-audience', aud: JSON.stringify(aud) })
  return accept()
}

/** One rule per line, reported in this order. */
export function checkClaims(
  claims: IdJagClaims,
  issuer: TrustedIssuer,
  rules: AssertionRules,
): Result<undefined, ClaimsRefusal> {
  const { self, sameTrustDomain, client, now, skewSeconds } = rules
  const { iss, client_id, tenant, iat, nbf, exp, cnf } = claims

  if (iss === self || sameTrustDomain.includes(iss)) return refuse({ reason: 'self-issued' })
  if (client_id !== client) return refuse({ reason: 'wrong-client', client_id })
  if (tenant !== issuer.issuerTenant) return refuse({ reason: 'wrong-tenant', tenant })
  if (exp <= now - skewSeconds) return refuse({ reason: 'expired', exp, now })
  if (iat > now + skewSeconds) return refuse({ reason: 'clock-skew', iat, now })
  if (nbf !== undefined && nbf > now + skewSeconds) return refuse({ reason: 'not-yet-valid', nbf, now })
  if (exp - iat > issuer.maxLifetimeSeconds) return refuse({ reason: 'lifetime-too-long', seconds: exp - iat })
  // Redeeming a key-bound assertion without the proof would turn it into a bearer token.
  if (cnf !== undefined) return refuse({ reason: 'key-bound' })
  if (!issuer.permittedClients.includes(client)) return refuse({ reason: 'client-not-permitted' })
  return accept()
}

/**
 * Decides whether a JWT authenticates the client it names.
 *
 * Its `jti` is claimed by the caller, after every rule here: what did not authenticate must not use up what would.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523 §3}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis#section-4 RFC 7523bis §4}
 */
import {
  ACCESS_TOKEN_JWT_TYPE,
  accept,
  type ClientAssertionClaims,
  clientAssertionClaims,
  type EpochSeconds,
  ID_JAG_JWT_TYPE,
  type IssuerId,
  type Result,
  refuse,
} from '@carnet/protocol'
import { type PeekedJwt, peekJwt, type SignatureRefusal, type VerificationKey, verifySignature } from '@carnet/tokens'
import type { AuthenticatingClient } from './client.ts'
import { decoyKey } from './decoy-keys.ts'
import { registeredKeys } from './registered-keys.ts'

/** Longest acceptable validity, in seconds. */
export const MAX_CLIENT_ASSERTION_SECONDS = 300

/** Types of other JWTs: none of them was meant to authenticate a client (RFC 8725 §3.11). */
const OTHER_JWT_TYPES: ReadonlySet<string> = new Set([
  ID_JAG_JWT_TYPE,
  ACCESS_TOKEN_JWT_TYPE,
  'dpop+jwt',
  'secevent+jwt',
  'logout+jwt',
  'statuslist+jwt',
])

export type ClientAssertionRefusal =
  | SignatureRefusal
  | {
      readonly reason:
        | 'assertion-of-other-type'
        | 'assertion-invalid-claims'
        | 'assertion-wrong-issuer'
        | 'assertion-wrong-audience'
        | 'assertion-expired'
        | 'assertion-not-yet-valid'
        | 'assertion-lifetime-too-long'
    }

export interface ClientAssertionContext {
  /** This server's own issuer identifier: the only acceptable `aud` (Δ C-22). */
  readonly self: IssuerId
  readonly now: EpochSeconds
  /** Tolerated difference between the client's clock and ours, in seconds. */
  readonly skewSeconds: number
}

/**
 * Verifies a client assertion: type, signature by a registered key, then claims.
 *
 * @param assertion - attacker-controlled
 * @param client - the registered client the assertion names, if there is one
 */
export function verifyClientAssertion(
  assertion: string,
  client: AuthenticatingClient | undefined,
  context: ClientAssertionContext,
): Result<ClientAssertionClaims, ClientAssertionRefusal> {
  const unverified = peekJwt(assertion)
  if (unverified === undefined) return refuse({ reason: 'malformed' })
  if (OTHER_JWT_TYPES.has(unverified.typ)) return refuse({ reason: 'assertion-of-other-type' })

  const payload = signedPayload(assertion, unverified, client)
  if (!payload.ok) return payload

  const claims = clientAssertionClaims.safeParse(payload.value)
  if (!claims.success) return refuse({ reason: 'assertion-invalid-claims' })
  return checkClaims(claims.data, client, context)
}

/** One rule per line, reported in this order. */
function checkClaims(
  claims: ClientAssertionClaims,
  client: AuthenticatingClient | undefined,
  { self, now, skewSeconds }: ClientAssertionContext,
): Result<ClientAssertionClaims, ClientAssertionRefusal> {
  const { iss, sub, aud, exp, iat, nbf } = claims
  const longest = MAX_CLIENT_ASSERTION_SECONDS
  if (iss !== client?.id || sub !== client.id) return refuse({ reason: 'assertion-wrong-issuer' })
  if (aud !== self) return refuse({ reason: 'assertion-wrong-audience' })
  if (exp <= now - skewSeconds) return refuse({ reason: 'assertion-expired' })
  if (iat !== undefined && iat > now + skewSeconds) return refuse({ reason: 'assertion-not-yet-valid' })
  if (nbf !== undefined && nbf > now + skewSeconds) return refuse({ reason: 'assertion-not-yet-valid' })
  if (exp > now + longest + skewSeconds) return refuse({ reason: 'assertion-lifetime-too-long' })
  if (iat !== undefined && exp - iat > longest) return refuse({ reason: 'assertion-lifetime-too-long' })
  return accept(claims)
}

function signedPayload(
  assertion: string,
  unverified: PeekedJwt,
  client: AuthenticatingClient | undefined,
): Result<unknown, SignatureRefusal> {
  const attempt = keyToTry(unverified, client)
  if (attempt === undefined) return refuse({ reason: 'unacceptable-algorithm' })
  const payload = verifySignature(assertion, attempt.key)
  return attempt.registered ? payload : refuse({ reason: 'unknown-key' })
}

/**
 * The registered key that fits, else one nobody holds, so that a client we do not know costs what one we know
 * costs (THR-18).
 */
export function keyToTry(
  unverified: PeekedJwt,
  client: AuthenticatingClient | undefined,
): { readonly key: VerificationKey; readonly registered: boolean } | undefined {
  const key = fittingKey(unverified, client === undefined ? [] : registeredKeys(client))
  if (key !== undefined) return { key, registered: true }
  const decoy = decoyKey(unverified)
  return decoy && { key: decoy, registered: false }
}

/** The registered key of that id; without an id, the only one of that algorithm. */
function fittingKey({ kid, alg }: PeekedJwt, keys: readonly VerificationKey[]): VerificationKey | undefined {
  const fitting = keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid))
  return fitting.length === 1 ? fitting[0] : undefined
}

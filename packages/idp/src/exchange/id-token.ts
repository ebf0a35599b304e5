/**
 * Decides whether a subject token is an ID Token of this issuer for the client that presents it.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.3 ID-JAG §4.3.3}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation OpenID Connect Core §3.1.3.7}
 */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  type IdTokenClaims,
  type IssuerId,
  idTokenClaims,
  type Result,
  refuse,
} from '@carnet/protocol'
import { peekJwt, type SignatureRefusal, verifySignature } from '@carnet/tokens'
import type { IssuerKeys } from '../ports.ts'
import type { SubjectFacts } from './subject.ts'

export type IdTokenRefusal =
  | SignatureRefusal
  | { readonly reason: 'id-token-wrong-type'; readonly typ: string }
  | { readonly reason: 'id-token-invalid-claims' }
  | { readonly reason: 'id-token-wrong-issuer'; readonly iss: string }
  | { readonly reason: 'id-token-wrong-client'; readonly aud: readonly string[] }
  | { readonly reason: 'id-token-expired'; readonly exp: EpochSeconds }
  | { readonly reason: 'id-token-not-yet-valid'; readonly iat: EpochSeconds }
  | { readonly reason: 'id-token-without-session' }

export interface IdTokenContext {
  readonly self: IssuerId
  readonly keys: Pick<IssuerKeys, 'find'>
  /** The client that authenticated on this request. */
  readonly client: ClientId
  readonly now: EpochSeconds
}

/** ID Tokens are plain JWTs; every other kind we sign says what it is. */
const ID_TOKEN_JWT_TYPES: ReadonlySet<string> = new Set(['', 'jwt'])

/** Both clocks are ours: processes of a deployment that differ by more are not ready. */
const OWN_SKEW_SECONDS = 1

/**
 * Verifies an ID Token of our own: type, signature, then claims.
 *
 * @param subjectToken - attacker-controlled
 */
export function verifyIdToken(subjectToken: string, context: IdTokenContext): Result<SubjectFacts, IdTokenRefusal> {
  const unverified = peekJwt(subjectToken)
  if (unverified === undefined) return refuse({ reason: 'malformed' })
  if (!ID_TOKEN_JWT_TYPES.has(unverified.typ)) return refuse({ reason: 'id-token-wrong-type', typ: unverified.typ })

  const key = unverified.kid === undefined ? undefined : context.keys.find(unverified.kid)
  if (key === undefined) return refuse({ reason: 'unknown-key' })
  const payload = verifySignature(subjectToken, key)
  if (!payload.ok) return payload

  const claims = idTokenClaims.safeParse(payload.value)
  return claims.success ? checkClaims(claims.data, context) : refuse({ reason: 'id-token-invalid-claims' })
}

/** One rule per line, reported in this order. */
function checkClaims(
  { iss, sub, aud, azp, exp, iat, sid }: IdTokenClaims,
  { self, client, now }: IdTokenContext,
): Result<SubjectFacts, IdTokenRefusal> {
  if (iss !== self) return refuse({ reason: 'id-token-wrong-issuer', iss })
  if (!isFor(client, audiencesOf(aud), azp)) return refuse({ reason: 'id-token-wrong-client', aud: audiencesOf(aud) })
  if (exp <= now - OWN_SKEW_SECONDS) return refuse({ reason: 'id-token-expired', exp })
  if (iat > now + OWN_SKEW_SECONDS) return refuse({ reason: 'id-token-not-yet-valid', iat })
  if (sid === undefined) return refuse({ reason: 'id-token-without-session' })
  return accept({ sid, issuedAt: iat, subject: sub })
}

function audiencesOf(aud: IdTokenClaims['aud']): readonly ClientId[] {
  return typeof aud === 'string' ? [aud] : aud
}

/** With several audiences the token must also say that this one asked for it. */
function isFor(client: ClientId, audiences: readonly ClientId[], azp: ClientId | undefined): boolean {
  if (!audiences.includes(client)) return false
  return azp === undefined ? audiences.length === 1 : azp === client
}

/**
 * Decides whether a subject token is a refresh token of this issuer that the presenting client could use itself.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.3 ID-JAG §4.3.3}
 */
import { accept, type ClientId, type EpochSeconds, type Result, refuse } from '@carnet/protocol'
import type { RefreshTokens } from '../ports.ts'
import type { SubjectFacts } from './subject.ts'

export type RefreshTokenRefusal =
  | { readonly reason: 'refresh-token-unknown' }
  | { readonly reason: 'refresh-token-wrong-client'; readonly issuedTo: ClientId }
  | { readonly reason: 'refresh-token-expired' }

export interface RefreshTokenContext {
  readonly refreshTokens: RefreshTokens
  /** The client that authenticated on this request. */
  readonly client: ClientId
  readonly now: EpochSeconds
}

/**
 * Verifies a refresh token as the refresh grant would, leaving it as it was.
 *
 * @param subjectToken - attacker-controlled
 * @throws {Fault} from the store of refresh tokens
 */
export async function verifyRefreshToken(
  subjectToken: string,
  { refreshTokens, client, now }: RefreshTokenContext,
): Promise<Result<SubjectFacts, RefreshTokenRefusal>> {
  const found = await refreshTokens.find(subjectToken)
  if (found === undefined) return refuse({ reason: 'refresh-token-unknown' })
  if (found.client !== client) return refuse({ reason: 'refresh-token-wrong-client', issuedTo: found.client })
  if (found.expiresAt <= now) return refuse({ reason: 'refresh-token-expired' })
  return accept({ sid: found.sid, issuedAt: found.issuedAt, subject: undefined })
}

/**
 * OAuth error responses as values.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749 §5.2}
 */
import type { Txn } from './ids.ts'
import { type PublicReason, sentenceOf } from './reasons.ts'

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_token'
  | 'access_denied'
  | 'insufficient_scope'
  | 'temporarily_unavailable'
  | 'server_error'

export interface OAuthError {
  readonly status: 400 | 401 | 403 | 405 | 413 | 415 | 429 | 500 | 503
  readonly error: OAuthErrorCode
  /** A fixed sentence; never a received value. */
  readonly description?: string
  /** Only once client and issuer are verified (RAS-35). */
  readonly reason?: PublicReason
  /** Where the person reads why and may ask for access. */
  readonly uri?: string
  readonly retryAfterSeconds?: number
  /** Set where HTTP Basic was tried, so that 401 carries a `Basic` challenge. */
  readonly challengeBasic?: boolean
  /** Further members a specification defines for this error. */
  readonly members?: Readonly<Record<string, string | number>>
}

/** An error that tells its public reason, in that reason's fixed sentence. */
export function explained(error: OAuthErrorCode, reason: PublicReason, more?: Partial<OAuthError>): OAuthError {
  return { status: 400, error, reason, description: sentenceOf(reason), ...more }
}

/** The JSON body of an error response. */
export function oauthErrorBody(error: OAuthError, txn?: Txn): Record<string, string | number> {
  return {
    error: error.error,
    ...(error.description !== undefined && { error_description: error.description }),
    ...(error.uri !== undefined && { error_uri: error.uri }),
    ...error.members,
    ...(error.reason !== undefined && { carnet_reason: error.reason }),
    ...(txn !== undefined && { txn }),
  }
}

/**
 * Errors that tell nothing but their code: what is said before client and issuer are both verified, and when
 * something of ours is down.
 *
 * One body for each code, so that probing reveals neither which clients exist nor which issuers are trusted.
 */
import { assertNever, Fault, type OAuthError } from '@carnet/protocol'
import type { RequestRefusal } from './read-form.ts'

const SENTENCES = {
  invalid_request: 'The request is malformed.',
  invalid_client: 'Client authentication failed.',
  invalid_grant: 'The grant was not accepted.',
  invalid_scope: 'The scope parameter is malformed.',
  unsupported_grant_type: 'This grant type is not supported here.',
  temporarily_unavailable: 'The service cannot answer now. Try again later.',
  server_error: 'The service failed.',
} as const

export type FixedErrorCode = keyof typeof SENTENCES

const STATUS: Readonly<Record<FixedErrorCode, OAuthError['status']>> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  invalid_scope: 400,
  unsupported_grant_type: 400,
  temporarily_unavailable: 503,
  server_error: 500,
}

/** The one error for `code` that carries no reason. */
export function fixedError(code: FixedErrorCode, more?: Partial<OAuthError>): OAuthError {
  return { status: STATUS[code], error: code, description: SENTENCES[code], ...more }
}

/** What the caller is told of a request that was refused before anything in it was looked at. */
export function requestError(refusal: RequestRefusal): OAuthError {
  switch (refusal.reason) {
    case 'method-not-allowed':
      return fixedError('invalid_request', { status: 405 })
    case 'body-too-large':
      return fixedError('invalid_request', { status: 413 })
    case 'wrong-media-type':
    case 'body-incomplete':
    case 'malformed-form':
    case 'too-many-parameters':
    case 'repeated-parameter':
      return fixedError('invalid_request')
    default:
      return assertNever(refusal)
  }
}

const DEFAULT_RETRY_AFTER_SECONDS = 5

/**
 * What the caller is told when answering failed: that it was not their fault, and when to try again.
 *
 * @param error - whatever was thrown; anything but a fault of a dependency is a failure of this server
 */
export function failureError(error: unknown): OAuthError {
  if (!(error instanceof Fault) || error.code === 'internal' || error.code === 'configuration-invalid') {
    return fixedError('server_error')
  }
  return fixedError('temporarily_unavailable', {
    retryAfterSeconds: error.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS,
  })
}

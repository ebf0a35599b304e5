/**
 * What the caller is told of a refusal: the whole of it, in one place.
 *
 * Until both the client and the issuer's signature are verified there is one body for each `error`, so that probing
 * reveals neither which issuers are trusted nor what an assertion had wrong. Afterwards each reason has one fixed
 * sentence and one public code. What was received and expected is in the audit log only.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749 §5.2}
 */
import { clientError, fixedError } from '@carnet/http'
import { assertNever, explained, type OAuthError } from '@carnet/protocol'
import type { RedemptionRefusal } from './refusals.ts'

export function tellCaller(refusal: RedemptionRefusal): OAuthError {
  switch (refusal.reason) {
    case 'client-not-authenticated':
      return clientError(refusal.cause)
    case 'grant-type-missing':
    case 'assertion-missing':
      return fixedError('invalid_request')
    case 'unsupported-grant-type':
      return fixedError('unsupported_grant_type')
    case 'grant-not-registered':
      return { status: 400, error: 'unauthorized_client', description: 'The client may not use this grant.' }
    case 'public-client':
    case 'malformed-assertion':
    case 'wrong-type':
    case 'untrusted-issuer':
    case 'malformed':
    case 'unacceptable-algorithm':
    case 'unknown-critical-header':
    case 'unknown-key':
    case 'bad-signature':
      return fixedError('invalid_grant')

    case 'invalid-claims':
    case 'malformed-claimed-scope':
      return explained('invalid_grant', 'assertion.invalid-claims')
    case 'wrong-audience':
      return explained('invalid_grant', 'assertion.wrong-audience')
    case 'self-issued':
      return explained('invalid_grant', 'assertion.self-issued')
    case 'wrong-client':
      return explained('invalid_grant', 'assertion.wrong-client')
    case 'wrong-tenant':
      return explained('invalid_grant', 'issuer.tenant-not-permitted')
    case 'expired':
      return explained('invalid_grant', 'assertion.expired')
    case 'clock-skew':
      return explained('invalid_grant', 'clock.skew')
    case 'not-yet-valid':
      return explained('invalid_grant', 'assertion.not-yet-valid')
    case 'lifetime-too-long':
      return explained('invalid_grant', 'assertion.lifetime-too-long')
    case 'key-bound':
      return explained('invalid_grant', 'assertion.proof-missing')
    case 'client-not-permitted':
      return explained('invalid_grant', 'issuer.client-not-permitted')
    case 'resource-not-governed':
      return explained('invalid_grant', 'resource.not-governed')
    case 'resource-outside-assertion':
      return explained('invalid_target', 'resource.outside-assertion')
    case 'resource-choice-needed':
      return explained('invalid_target', 'resource.choice-needed')
    case 'unknown-scope':
      return explained('invalid_grant', 'scope.unknown')
    case 'malformed-requested-scope':
      return explained('invalid_scope', 'scope.malformed')
    case 'nothing-granted':
      return explained('invalid_scope', 'scope.nothing-granted')
    case 'account-unknown':
      return explained('access_denied', 'account.unknown')
    case 'account-disabled':
      return explained('access_denied', 'account.disabled')
    case 'access-withdrawn':
      return explained('invalid_grant', 'assertion.revoked')
    case 'over-quota':
      return fixedError('temporarily_unavailable', { status: 429, retryAfterSeconds: refusal.retryAfterSeconds })
    case 'replayed':
      return explained('invalid_grant', 'jti.replayed')
    default:
      return assertNever(refusal)
  }
}

/**
 * Why an exchange is refused, and what the caller is told of it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2 RFC 8693 §2.2.2}
 */
import type { SubjectRefusal } from '@carnet/directory'
import { type ClientRefusal, clientError, fixedError } from '@carnet/http'
import { assertNever, explained, type OAuthError } from '@carnet/protocol'
import type { ClientRoleRefusal } from './client.ts'
import type { DecisionRefusal } from './decide.ts'
import type { IdTokenRefusal } from './id-token.ts'
import type { RefreshTokenRefusal } from './refresh-token.ts'
import type { ExchangeRequestRefusal } from './request.ts'
import type { StandingRefusal } from './subject.ts'
import type { ExchangeTargetRefusal } from './target.ts'

/** The step that refused, and its reason. */
export type ExchangeRefusal =
  | { readonly step: 'client'; readonly refusal: ClientRefusal }
  | { readonly step: 'client-role'; readonly refusal: ClientRoleRefusal }
  | { readonly step: 'request'; readonly refusal: ExchangeRequestRefusal }
  | { readonly step: 'subject-token'; readonly refusal: IdTokenRefusal | RefreshTokenRefusal }
  | { readonly step: 'standing'; readonly refusal: StandingRefusal }
  | { readonly step: 'target'; readonly refusal: ExchangeTargetRefusal }
  | { readonly step: 'policy'; readonly refusal: DecisionRefusal }
  | { readonly step: 'issue'; readonly refusal: SubjectRefusal }

/**
 * What the caller is told. Until client and subject token are both verified, one fixed body for each code; from
 * then on the reason.
 *
 * @param explanationPage - where the person reads why policy said no
 */
export function tellCaller(refused: ExchangeRefusal, explanationPage: string): OAuthError {
  switch (refused.step) {
    case 'client':
      return clientError(refused.refusal)
    case 'client-role':
      return roleError(refused.refusal)
    case 'request':
      return requestError(refused.refusal)
    case 'subject-token':
      return subjectTokenError(refused.refusal)
    case 'standing':
      return standingError(refused.refusal)
    case 'target':
      return targetError(refused.refusal)
    case 'policy':
      return policyError(refused.refusal, explanationPage)
    case 'issue':
      return explained('access_denied', 'account.unknown', { uri: explanationPage })
    default:
      return assertNever(refused)
  }
}

function roleError(refusal: ClientRoleRefusal): OAuthError {
  switch (refusal.reason) {
    case 'public-client':
      return fixedError('invalid_client')
    case 'grant-not-allowed':
      return explained('unauthorized_client', 'client.grant-not-allowed')
    default:
      return assertNever(refusal)
  }
}

function requestError(refusal: ExchangeRequestRefusal): OAuthError {
  switch (refusal.reason) {
    case 'requested-type-not-supported':
    case 'subject-token-missing':
    case 'subject-type-not-supported':
    case 'actor-not-supported':
    case 'audience-missing':
      return fixedError('invalid_request')
    case 'scope-malformed':
    case 'too-many-scopes':
      return fixedError('invalid_scope')
    default:
      return assertNever(refusal)
  }
}

/** A bad subject token is a bad grant here, whatever RFC 8693 alone would call it (Δ C-04). */
function subjectTokenError(refusal: IdTokenRefusal | RefreshTokenRefusal): OAuthError {
  switch (refusal.reason) {
    case 'malformed':
    case 'unacceptable-algorithm':
    case 'unknown-critical-header':
    case 'unknown-key':
    case 'bad-signature':
    case 'id-token-wrong-type':
    case 'refresh-token-unknown':
      return fixedError('invalid_grant')
    case 'id-token-invalid-claims':
    case 'id-token-wrong-issuer':
    case 'id-token-not-yet-valid':
    case 'id-token-without-session':
      return explained('invalid_grant', 'subject-token.invalid')
    case 'id-token-wrong-client':
    case 'refresh-token-wrong-client':
      return explained('invalid_grant', 'subject-token.wrong-client')
    case 'id-token-expired':
    case 'refresh-token-expired':
      return explained('invalid_grant', 'subject-token.expired')
    default:
      return assertNever(refusal)
  }
}

function standingError(refusal: StandingRefusal): OAuthError {
  switch (refusal.reason) {
    case 'session-unknown':
    case 'session-ended':
    case 'access-revoked':
      return explained('invalid_grant', 'subject-token.session-ended')
    case 'session-of-other-client':
      return explained('invalid_grant', 'subject-token.wrong-client')
    case 'session-of-other-person':
      return explained('invalid_grant', 'subject-token.invalid')
    case 'person-inactive':
      return explained('invalid_grant', 'subject-token.person-inactive')
    default:
      return assertNever(refusal.reason)
  }
}

function targetError(refusal: ExchangeTargetRefusal): OAuthError {
  switch (refusal.reason) {
    case 'several-audiences':
      return explained('invalid_target', 'target.one-audience-only')
    case 'unknown-audience':
    case 'own-audience':
      return explained('invalid_target', 'target.unknown-audience')
    case 'client-not-mapped':
      return explained('invalid_target', 'target.client-not-mapped')
    case 'several-resources':
      return explained('invalid_target', 'target.one-resource-only')
    case 'malformed-resource':
      return explained('invalid_target', 'target.malformed-resource')
    case 'resource-needed':
      return explained('invalid_target', 'target.resource-needed')
    case 'resource-not-governed':
    case 'server-not-approved':
      return explained('invalid_target', 'target.resource-not-governed')
    default:
      return assertNever(refusal)
  }
}

/** A denial is typed and final: a client must not turn it into an interactive consent elsewhere (Δ C-05). */
function policyError(refusal: DecisionRefusal, explanationPage: string): OAuthError {
  switch (refusal.reason) {
    case 'not-entitled':
      return explained('access_denied', refusal.because, { uri: explanationPage })
    case 'nothing-granted':
      return explained('invalid_scope', 'scope.nothing-granted')
    default:
      return assertNever(refusal.reason)
  }
}

/**
 * Reads a token-exchange request for an ID-JAG.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.1 RFC 8693 §2.1}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3 ID-JAG §4.3}
 */
import type { Form } from '@carnet/http'
import {
  accept,
  ID_JAG_TOKEN_TYPE,
  ID_TOKEN_TYPE,
  parseScopes,
  REFRESH_TOKEN_TYPE,
  type Result,
  refuse,
  type Scope,
} from '@carnet/protocol'

/** The parameters RFC 8693 lets a client send more than once. */
export const REPEATABLE_IN_EXCHANGE: ReadonlySet<string> = new Set(['audience', 'resource'])

/** Longest `scope`, in characters: as long as an ID-JAG may carry. */
const MAX_SCOPE_LENGTH = 8192

export type SubjectTokenType = typeof ID_TOKEN_TYPE | typeof REFRESH_TOKEN_TYPE

/** Well-formed, and nothing more: every value is attacker-controlled. */
export interface ExchangeRequest {
  readonly subjectToken: string
  readonly subjectTokenType: SubjectTokenType
  /** At least one. */
  readonly audiences: readonly [string, ...string[]]
  readonly resources: readonly string[]
  /** `undefined` asks for whatever policy gives. */
  readonly scopes: readonly Scope[] | undefined
}

export type ExchangeRequestRefusal =
  | { readonly reason: 'requested-type-not-supported' }
  | { readonly reason: 'subject-token-missing' }
  | { readonly reason: 'subject-type-not-supported' }
  | { readonly reason: 'actor-not-supported' }
  | { readonly reason: 'audience-missing' }
  | { readonly reason: 'scope-malformed' }
  | { readonly reason: 'too-many-scopes' }

/** One rule per line, reported in this order. */
export function parseExchangeRequest(form: Form): Result<ExchangeRequest, ExchangeRequestRefusal> {
  const subjectToken = form.get('subject_token')
  const subjectTokenType = supportedSubjectType(form.get('subject_token_type'))
  const [audience, ...moreAudiences] = form.getAll('audience')
  const resources = form.getAll('resource')
  const scopes = requestedScopes(form.get('scope'))

  if (form.get('requested_token_type') !== ID_JAG_TOKEN_TYPE) return refuse({ reason: 'requested-type-not-supported' })
  if (subjectToken === undefined) return refuse({ reason: 'subject-token-missing' })
  if (subjectTokenType === undefined) return refuse({ reason: 'subject-type-not-supported' })
  if (namesActor(form)) return refuse({ reason: 'actor-not-supported' })
  if (audience === undefined) return refuse({ reason: 'audience-missing' })
  if (!scopes.ok) return scopes
  return accept({
    subjectToken,
    subjectTokenType,
    audiences: [audience, ...moreAudiences],
    resources,
    scopes: scopes.value,
  })
}

function supportedSubjectType(type: string | undefined): SubjectTokenType | undefined {
  return type === ID_TOKEN_TYPE || type === REFRESH_TOKEN_TYPE ? type : undefined
}

/** No profile says what an actor may do, so none is accepted rather than ignored (Δ C-28). */
function namesActor(form: Form): boolean {
  return form.get('actor_token') !== undefined || form.get('actor_token_type') !== undefined
}

function requestedScopes(
  scope: string | undefined,
): Result<readonly Scope[] | undefined, { readonly reason: 'scope-malformed' | 'too-many-scopes' }> {
  if (scope === undefined) return accept(undefined)
  return scope.length > MAX_SCOPE_LENGTH ? refuse({ reason: 'scope-malformed' }) : parseScopes(scope)
}

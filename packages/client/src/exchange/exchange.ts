/**
 * Asks the company's IdP for an ID-JAG for one MCP server.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3 ID-JAG §4.3}
 */
import {
  type AuthorizationServerMetadata,
  accept,
  type DroppedScope,
  type EpochSeconds,
  formatScopes,
  Hidden,
  ID_JAG_TOKEN_TYPE,
  ID_TOKEN_TYPE,
  idJagResponse,
  type OAuthErrorResponse,
  parseScopes,
  parseTxn,
  type Scope,
  TOKEN_EXCHANGE_GRANT,
  type Txn,
} from '@carnet/protocol'
import type { Settings } from '../config.ts'
import type { Registration } from '../discovery/enterprise-managed.ts'
import { explanationIn } from '../http/oauth-refusal.ts'
import { requestToken } from '../http/token-request.ts'
import { type Step, stop } from '../refusal.ts'
import { checkIdJag } from './id-jag.ts'

/** What is asked for, and for whom. */
export interface Wanted {
  /** The MCP server's `resource`, byte for byte as it publishes it. */
  readonly resource: string
  /** Its authorization server, and this client there. */
  readonly at: Registration
  readonly scopes: readonly Scope[] | undefined
}

export interface Grant {
  /** Presented once, to the authorization server it names, and to nobody else. */
  readonly assertion: Hidden
  readonly scopes: readonly Scope[] | undefined
  readonly dropped: readonly DroppedScope[]
  readonly txn: Txn | undefined
}

export function exchangeParams(wanted: Wanted, idToken: Hidden): Record<string, string> {
  return {
    grant_type: TOKEN_EXCHANGE_GRANT,
    requested_token_type: ID_JAG_TOKEN_TYPE,
    audience: wanted.at.issuer,
    resource: wanted.resource,
    ...(wanted.scopes !== undefined && { scope: formatScopes(wanted.scopes) }),
    subject_token: idToken.reveal(),
    subject_token_type: ID_TOKEN_TYPE,
  }
}

/** @param issuer - metadata of the company's IdP */
export async function exchange(
  wanted: Wanted,
  idToken: Hidden,
  issuer: AuthorizationServerMetadata,
  settings: Settings,
): Promise<Step<Grant>> {
  const params = exchangeParams(wanted, idToken)
  const answer = await requestToken(
    { leg: 'exchange', metadata: issuer, credentials: settings.client, params },
    settings,
  )
  if (!answer.ok) return answer
  if (answer.value.kind === 'refused') return refusedExchange(answer.value.error)
  return readGrant(answer.value.json, wanted, timeOf(answer.value.date) ?? settings.clock.now())
}

/** Only what says that it is an ID-JAG, and looks like the one that was asked for, is used. */
export function readGrant(json: unknown, wanted: Wanted, issuerNow: EpochSeconds): Step<Grant> {
  const response = idJagResponse.safeParse(json)
  if (!response.success) return stop('exchange', 'not-an-id-jag')
  const { access_token, scope, txn, carnet_dropped_scopes = [] } = response.data
  const expected = {
    audience: wanted.at.issuer,
    client: wanted.at.credentials.id,
    resource: wanted.resource,
    issuerNow,
  }
  const fits = checkIdJag(access_token, expected)
  if (!fits.ok) return fits
  const granted = scope === undefined ? undefined : parseScopes(scope)
  return accept({
    assertion: new Hidden(access_token),
    scopes: granted === undefined ? wanted.scopes : granted.ok ? granted.value : [],
    dropped: carnet_dropped_scopes,
    txn: parseTxn(txn),
  })
}

/**
 * What to make of the IdP's error. A bad subject token comes under either of two codes (Δ C-04); a refusal of the
 * person or the target is final.
 */
export function refusedExchange(error: OAuthErrorResponse): Step<never> {
  const more = explanationIn(error)
  switch (error.error) {
    case 'invalid_grant':
      return stop('exchange', 'sign-in-ended', more)
    case 'invalid_request':
      return stop('exchange', aboutSubject(more.publicReason) ? 'sign-in-ended' : 'request-not-accepted', more)
    case 'insufficient_user_authentication':
      return stop('exchange', 'authentication-insufficient', more)
    case 'access_denied':
      return stop('exchange', 'access-denied', more)
    case 'invalid_scope':
      return stop('exchange', 'nothing-granted', more)
    case 'invalid_target':
      return stop('exchange', 'target-unknown', more)
    case 'invalid_client':
    case 'unauthorized_client':
      return stop('exchange', 'client-not-accepted', more)
    default:
      return stop('exchange', 'request-not-accepted', more)
  }
}

function aboutSubject(publicReason: string | undefined): boolean {
  return publicReason === undefined || publicReason.startsWith('subject-token.')
}

/** The time an HTTP `Date` header gives. */
function timeOf(date: string | null): EpochSeconds | undefined {
  const milliseconds = date === null ? Number.NaN : Date.parse(date)
  return Number.isNaN(milliseconds) ? undefined : (Math.floor(milliseconds / 1000) as EpochSeconds)
}

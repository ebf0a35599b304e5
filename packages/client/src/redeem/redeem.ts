/**
 * Redeems an ID-JAG at the authorization server of the MCP server.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4 ID-JAG §4.4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 RFC 7523 §2.1}
 */
import {
  type AccessTokenResponse,
  type AuthorizationServerMetadata,
  accept,
  accessTokenResponse,
  formatScopes,
  Hidden,
  JWT_BEARER_GRANT,
  type OAuthErrorResponse,
  parseScopes,
  parseTxn,
  resourceKey,
  type Scope,
  type Txn,
} from '@carnet/protocol'
import type { Settings } from '../config.ts'
import type { Grant, Wanted } from '../exchange/exchange.ts'
import { explanationIn } from '../http/oauth-refusal.ts'
import { requestToken } from '../http/token-request.ts'
import { type Step, stop } from '../refusal.ts'

export interface Redeemed {
  readonly accessToken: Hidden
  readonly scopes: readonly Scope[]
  /** Of the access token, in seconds; how long it may be used where the server does not say. */
  readonly lifetimeSeconds: number
  readonly txn: Txn | undefined
}

/** Used where the server gives no `expires_in`: long enough to be useful, short enough to notice a withdrawal. */
const UNSTATED_LIFETIME_SECONDS = 300

export function redeemParams(wanted: Wanted, grant: Grant): Record<string, string> {
  const scopes = narrower(wanted.scopes, grant.scopes)
  return {
    grant_type: JWT_BEARER_GRANT,
    assertion: grant.assertion.reveal(),
    resource: wanted.resource,
    ...(scopes !== undefined && { scope: formatScopes(scopes) }),
  }
}

/** The scopes to name: only where the grant holds more than was asked for. */
function narrower(
  asked: readonly Scope[] | undefined,
  granted: readonly Scope[] | undefined,
): readonly Scope[] | undefined {
  if (asked === undefined || granted === undefined) return undefined
  if (granted.every((scope) => asked.includes(scope))) return undefined
  return granted.filter((scope) => asked.includes(scope))
}

export type RedeemAnswer =
  | { readonly kind: 'redeemed'; readonly token: Redeemed }
  /** The assertion was not accepted; a fresh one may be. */
  | { readonly kind: 'assertion-refused'; readonly error: OAuthErrorResponse }

export async function redeem(
  wanted: Wanted,
  grant: Grant,
  metadata: AuthorizationServerMetadata,
  settings: Settings,
): Promise<Step<RedeemAnswer>> {
  const params = redeemParams(wanted, grant)
  const answer = await requestToken({ leg: 'redeem', metadata, credentials: wanted.at.credentials, params }, settings)
  if (!answer.ok) return answer
  if (answer.value.kind === 'issued') {
    const token = readAccessToken(answer.value.json, wanted, grant)
    return token.ok ? accept({ kind: 'redeemed', token: token.value }) : token
  }
  const { error } = answer.value
  return error.error === 'invalid_grant' ? accept({ kind: 'assertion-refused', error }) : refusedRedemption(error)
}

/** Only a bearer token for the resource that was meant is kept. A refresh token, if any, is not (Δ C-29). */
export function readAccessToken(json: unknown, wanted: Wanted, grant: Grant): Step<Redeemed> {
  const response = accessTokenResponse.safeParse(json)
  if (!response.success) return stop('redeem', 'answer-malformed')
  const { access_token, token_type, expires_in, resource, txn } = response.data
  if (token_type.toLowerCase() !== 'bearer') return stop('redeem', 'token-type-unknown')
  if (resource !== undefined && resourceKey(resource) !== resourceKey(wanted.resource)) {
    return stop('redeem', 'token-for-another-resource')
  }
  return accept({
    accessToken: new Hidden(access_token),
    scopes: grantedScopes(response.data, grant),
    lifetimeSeconds: expires_in ?? UNSTATED_LIFETIME_SECONDS,
    txn: parseTxn(txn) ?? grant.txn,
  })
}

/** What the server says was granted, else what the ID-JAG carried (RFC 6749 §5.1). */
function grantedScopes({ scope }: AccessTokenResponse, grant: Grant): readonly Scope[] {
  if (scope === undefined) return grant.scopes ?? []
  const scopes = parseScopes(scope)
  return scopes.ok ? scopes.value : []
}

/** What to make of an error of the second leg. No other grant is ever tried (CLI-19). */
export function refusedRedemption(error: OAuthErrorResponse): Step<never> {
  const more = explanationIn(error)
  switch (error.error) {
    case 'invalid_grant':
      return stop('redeem', 'grant-not-accepted', more)
    case 'access_denied':
      return stop('redeem', more.publicReason?.startsWith('account.') ? 'no-account' : 'access-denied', more)
    case 'invalid_scope':
      return stop('redeem', 'nothing-granted', more)
    case 'insufficient_user_authentication':
      return stop('redeem', 'authentication-insufficient', more)
    case 'invalid_client':
    case 'unauthorized_client':
      return stop('redeem', 'client-not-accepted', more)
    default:
      return stop('redeem', 'request-not-accepted', more)
  }
}

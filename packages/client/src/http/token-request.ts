/**
 * One request to a token endpoint and what came back, before it means anything.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 RFC 6749 §5}
 */
import {
  type AuthorizationServerMetadata,
  accept,
  type OAuthErrorResponse,
  type OutboundResponse,
  oauthErrorResponse,
} from '@carnet/protocol'
import type { Credentials, Settings } from '../config.ts'
import { type Leg, type Step, stop } from '../refusal.ts'
import { ask, jsonOf, retryAfterOf } from './ask.ts'
import { authenticate } from './authenticate.ts'
import { isSecureEndpoint } from './urls.ts'

export type TokenAnswer =
  | { readonly kind: 'issued'; readonly json: unknown; readonly date: string | null }
  | { readonly kind: 'refused'; readonly error: OAuthErrorResponse }

export interface TokenRequest {
  readonly leg: Leg
  readonly metadata: AuthorizationServerMetadata
  readonly credentials: Credentials
  readonly params: Readonly<Record<string, string>>
}

export async function requestToken(request: TokenRequest, settings: Settings): Promise<Step<TokenAnswer>> {
  return postForm({ ...request, url: request.metadata.token_endpoint }, settings)
}

/** An authenticated form request to an endpoint of an authorization server. */
export async function postForm(
  { leg, metadata, credentials, params, url }: TokenRequest & { readonly url: string },
  { http, clock, random, allowInsecureLoopback }: Settings,
): Promise<Step<TokenAnswer>> {
  if (!isSecureEndpoint(url, allowInsecureLoopback)) return stop(leg, 'endpoint-insecure')
  const target = { issuer: metadata.issuer, methods: metadata.token_endpoint_auth_methods_supported }
  const authentication = authenticate(leg, credentials, target, clock.now(), random)
  if (!authentication.ok) return authentication

  const response = await ask(http, leg, {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...authentication.value.headers,
    },
    body: new URLSearchParams({ ...params, ...authentication.value.params }).toString(),
  })
  return response.ok ? readAnswer(leg, response.value) : response
}

/** An error of the client's making is an OAuth error; everything else is the server's trouble. */
export function readAnswer(leg: Leg, response: OutboundResponse): Step<TokenAnswer> {
  const { status, headers } = response
  if (status === 200) return accept({ kind: 'issued', json: jsonOf(response), date: headers.get('date') })
  const retryAfterSeconds = retryAfterOf(response)
  if (status === 429 || status >= 500) {
    return stop(leg, 'overloaded', retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
  }
  const error = oauthErrorResponse.safeParse(jsonOf(response))
  if (!error.success) return stop(leg, 'answer-malformed')
  if (error.data.error === 'temporarily_unavailable') return stop(leg, 'overloaded')
  return accept({ kind: 'refused', error: error.data })
}

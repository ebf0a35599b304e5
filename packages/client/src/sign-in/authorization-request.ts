/**
 * The authorization request: code flow with PKCE S256, a fresh `state` and a fresh `nonce`.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-4.1.1 OAuth 2.1 §4.1.1}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core §3.1.2.1}
 */
import { type AuthorizationServerMetadata, accept, type ClientId, Hidden, type Random } from '@carnet/protocol'
import { sha256Text } from '@carnet/tokens'
import { browserUrl, isSecureEndpoint } from '../http/urls.ts'
import { type Step, type StepUp, stop } from '../refusal.ts'

export interface SignInOptions extends StepUp {
  /** `login` asks for a fresh sign-in, `select_account` for a choice of account. */
  readonly prompt?: 'login' | 'select_account'
  /** Gives up the wait for the browser; five minutes unless given. */
  readonly signal?: AbortSignal
}

/** What only this process knows of the request it sent: the response must fit all of it. */
export interface PendingSignIn {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: Hidden
}

export function newPendingSignIn(redirectUri: string, random: Random): PendingSignIn {
  return {
    redirectUri,
    state: random.token(32),
    nonce: random.token(32),
    verifier: new Hidden(random.token(32)),
  }
}

/**
 * @param allowUnadvertised - an administrator vouches for S256 where the metadata is silent (Δ C-43)
 */
export function checkS256(
  { code_challenge_methods_supported: methods }: AuthorizationServerMetadata,
  allowUnadvertised: boolean,
): Step<undefined> {
  if (methods?.includes('S256') === true) return accept()
  return methods === undefined && allowUnadvertised ? accept() : stop('sign-in', 's256-not-advertised')
}

export interface AuthorizationRequest {
  readonly client: ClientId
  readonly scopes: readonly string[]
  readonly pending: PendingSignIn
  readonly options: SignInOptions
}

/** The URL to open, or a refusal where the issuer's endpoint is nothing to open a browser with. */
export function authorizationUrl(
  { authorization_endpoint }: AuthorizationServerMetadata,
  { client, scopes, pending, options }: AuthorizationRequest,
  allowInsecureLoopback: boolean,
): Step<string> {
  if (authorization_endpoint === undefined) return stop('sign-in', 'endpoint-missing')
  const endpoint = browserUrl(authorization_endpoint)
  if (endpoint === undefined || !isSecureEndpoint(endpoint, allowInsecureLoopback))
    return stop('sign-in', 'endpoint-insecure')

  const url = new URL(endpoint)
  const { acrValues, maxAgeSeconds, prompt } = options
  const params = {
    response_type: 'code',
    client_id: client,
    redirect_uri: pending.redirectUri,
    scope: scopes.join(' '),
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: sha256Text(pending.verifier.reveal()),
    code_challenge_method: 'S256',
    ...(acrValues !== undefined && { acr_values: acrValues }),
    ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    ...(prompt !== undefined && { prompt }),
  }
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  return accept(url.href)
}

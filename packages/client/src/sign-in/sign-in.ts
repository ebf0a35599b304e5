/**
 * Signs the person in at the company's IdP, in their own browser.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8252 RFC 8252}
 */
import type { Settings } from '../config.ts'
import { type Step, stop } from '../refusal.ts'
import { authorizationUrl, checkS256, newPendingSignIn, type SignInOptions } from './authorization-request.ts'
import { readAuthorizationResponse } from './authorization-response.ts'
import type { Identity } from './identity.ts'
import { listenOnLoopback } from './loopback.ts'
import { redeemCode, type SignInIssuer } from './token-endpoint.ts'

const PATIENCE_MILLISECONDS = 300_000

export async function signInThroughBrowser(
  issuer: SignInIssuer,
  options: SignInOptions,
  settings: Settings,
): Promise<Step<Identity>> {
  const { random, client, signInScopes, allowInsecureLoopback, allowUnadvertisedS256, redirectPath } = settings
  const s256 = checkS256(issuer.metadata, allowUnadvertisedS256)
  if (!s256.ok) return s256

  const loopback = await listenOnLoopback(redirectPath)
  try {
    const pending = newPendingSignIn(loopback.redirectUri, random)
    const request = { client: client.id, scopes: signInScopes, pending, options }
    const url = authorizationUrl(issuer.metadata, request, allowInsecureLoopback)
    if (!url.ok) return url

    const arrival = loopback.response(pending.state, options.signal ?? AbortSignal.timeout(PATIENCE_MILLISECONDS))
    if (!(await opened(url.value, settings))) return stop('sign-in', 'browser-unavailable')
    const response = await arrival
    if (!response.ok) return response
    const code = readAuthorizationResponse(response.value, issuer.metadata)
    return code.ok ? await redeemCode(code.value, pending, issuer, settings) : code
  } finally {
    await loopback.close()
  }
}

async function opened(url: string, { openBrowser }: Settings): Promise<boolean> {
  try {
    await openBrowser(url)
    return true
  } catch (error) {
    // Whatever a desktop says when it has no browser; what the application's own opener throws is its affair too.
    if (error instanceof Error) return false
    throw error
  }
}

/**
 * Decides whether a redirect URI is one the client registered.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-2.3 OAuth 2.1 §2.3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8252#section-7.3 RFC 8252 §7.3}
 */
import type { ClientEntry } from '@carnet/registry'

/**
 * Exact string comparison; only the port of a loopback IP address may vary, and only for a native client.
 *
 * @param value - attacker-controlled
 */
export function redirectUriAllowed(
  client: Pick<ClientEntry, 'redirectUris' | 'applicationType'>,
  value: unknown,
): boolean {
  if (typeof value !== 'string') return false
  if (client.redirectUris.includes(value)) return true
  if (client.applicationType !== 'native') return false
  const portless = withoutLoopbackPort(value)
  return (
    portless !== undefined && client.redirectUris.some((registered) => withoutLoopbackPort(registered) === portless)
  )
}

/** Exact string comparison, without exception. */
export function postLogoutRedirectUriAllowed(
  client: Pick<ClientEntry, 'postLogoutRedirectUris'>,
  value: unknown,
): boolean {
  return typeof value === 'string' && client.postLogoutRedirectUris.includes(value)
}

/** The name `localhost` is left out: what it resolves to is not ours to say. */
const LOOPBACK_AUTHORITY = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)/

/** Cut out of the text, never parsed and rebuilt: a parser's tidying would make unequal strings equal. */
function withoutLoopbackPort(uri: string): string | undefined {
  const [authority, host] = LOOPBACK_AUTHORITY.exec(uri) ?? []
  // Five digits may be more than there are ports: nobody could be sent there.
  return authority === undefined || !URL.canParse(uri) ? undefined : `${host}${uri.slice(authority.length)}`
}

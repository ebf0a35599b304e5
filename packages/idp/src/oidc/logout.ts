/**
 * Ends a browser session at a client's request, without asking when the hint shows that it is the client's own.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout RP-Initiated Logout §2}
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { clientsOf } from './grants.ts'
import { ROUTES } from './routes.ts'
import { endSignInsOf, type SessionPorts } from './sessions.ts'

type Session = NonNullable<KoaContextWithOIDC['oidc']['session']>

export const SESSION_COOKIE = 'carnet_session'

/** Called when `oidc-provider` has validated a logout request and would ask the person. */
export async function finishLogout(ctx: KoaContextWithOIDC, provider: Provider, ports: SessionPorts): Promise<void> {
  const { session, entities, params } = ctx.oidc
  if (ctx.status !== 200 || session?.accountId === undefined) return
  if (!isHintOf(session, entities.IdTokenHint?.payload)) return

  const leaving = { authorizations: structuredClone(session.authorizations) }
  await endSignInsOf(leaving, ports)
  await revokeGrantsOf(leaving, provider)
  await session.destroy()
  ctx.cookies.set(SESSION_COOKIE, null, {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    overwrite: true,
  })
  ctx.status = 303
  ctx.body = ''
  ctx.redirect(afterLogout(params?.post_logout_redirect_uri, params?.state, ctx.oidc.issuer))
}

/** The hint was issued to a client of this very session, for the person it belongs to. */
export function isHintOf(
  session: Pick<Session, 'accountId' | 'authorizations'>,
  hint: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (hint === undefined || hint.sub !== session.accountId) return false
  return clientsOf(session).some(({ clientId, sids }) => clientId === hint.aud && sids.some((sid) => sid === hint.sid))
}

/** Refresh tokens for offline access stay: they are not the browser session's (Δ C-30). */
async function revokeGrantsOf(session: Pick<Session, 'authorizations'>, provider: Provider): Promise<void> {
  for (const { grantId, offline } of clientsOf(session)) {
    if (grantId === undefined || offline) continue
    const grant = await provider.Grant.find(grantId)
    await Promise.all([
      provider.AccessToken.revokeByGrantId(grantId),
      provider.AuthorizationCode.revokeByGrantId(grantId),
      provider.RefreshToken.revokeByGrantId(grantId),
      grant?.destroy(),
    ])
  }
}

/** @param uri - already found among the registered ones, or absent */
function afterLogout(uri: unknown, state: unknown, issuer: string): string {
  if (typeof uri !== 'string') return `${issuer}${ROUTES.endSession}/success`
  const target = new URL(uri)
  if (typeof state === 'string') target.searchParams.set('state', state)
  return target.href
}

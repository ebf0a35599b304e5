/**
 * Keeps the `offline_access` a client asked for.
 *
 * `oidc-provider` drops it where no consent page is shown. Here there never is one: the company decided, by
 * registering the client for refresh tokens.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess OpenID Connect Core §11}
 */
import { OFFLINE_ACCESS } from '@carnet/protocol'
import type { KoaContextWithOIDC } from 'oidc-provider'

export function keepOfflineAccess(ctx: KoaContextWithOIDC): void {
  const { client, params } = ctx.oidc
  if (params === undefined || client === undefined || !client.grantTypeAllowed('refresh_token')) return
  const asked = scopesOf(ctx.query.scope)
  const kept = scopesOf(params.scope)
  if (asked.includes(OFFLINE_ACCESS) && !kept.includes(OFFLINE_ACCESS)) {
    params.scope = [...kept, OFFLINE_ACCESS].join(' ')
  }
}

function scopesOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? value.split(' ').filter((scope) => scope !== '') : []
}

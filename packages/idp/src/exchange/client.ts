/**
 * Decides whether an identified client may exchange tokens at all.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-9.1 ID-JAG §9.1}
 */
import type { AuthenticatedClient } from '@carnet/http'
import { accept, type ClientId, type Result, refuse, TOKEN_EXCHANGE_GRANT } from '@carnet/protocol'
import type { ClientEntry } from '@carnet/registry'

export type ClientRoleRefusal =
  | { readonly reason: 'public-client'; readonly client: ClientId }
  | { readonly reason: 'grant-not-allowed'; readonly client: ClientId }

export interface ExchangingClient {
  readonly entry: ClientEntry
  /** A public client that an administrator named as an exception (IDP-15); every use of it is on record. */
  readonly byException: boolean
}

export function checkClientRole({
  client,
  method,
}: AuthenticatedClient<ClientEntry>): Result<ExchangingClient, ClientRoleRefusal> {
  const isPublic = method === 'none'
  if (isPublic && !client.publicException) return refuse({ reason: 'public-client', client: client.id })
  if (!client.grantTypes.includes(TOKEN_EXCHANGE_GRANT))
    return refuse({ reason: 'grant-not-allowed', client: client.id })
  return accept({ entry: client, byException: isPublic })
}

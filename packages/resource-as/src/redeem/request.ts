/**
 * What a redemption request asks for, read from its form.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 RFC 7523 §2.1}
 */

import type { AuthenticatedClient, Form } from '@carnet/http'
import { accept, JWT_BEARER_GRANT, quoted, type Result, refuse } from '@carnet/protocol'
import type { ResourceAsClient } from '../ports.ts'

/** Nothing here is verified; `scope` and `resource` can only narrow what the assertion allows. */
export interface RedemptionParameters {
  readonly assertion: string
  readonly scope: string | undefined
  readonly resource: string | undefined
}

export type ParameterRefusal =
  | { readonly reason: 'grant-type-missing' }
  | { readonly reason: 'unsupported-grant-type'; readonly grantType: string }
  | { readonly reason: 'assertion-missing' }

/** Reads the parameters of this grant; any other parameter is somebody else's extension and is left alone. */
export function redemptionParameters(form: Form): Result<RedemptionParameters, ParameterRefusal> {
  const grantType = form.get('grant_type')
  if (grantType === undefined) return refuse({ reason: 'grant-type-missing' })
  if (grantType !== JWT_BEARER_GRANT) return refuse({ reason: 'unsupported-grant-type', grantType: quoted(grantType) })
  const assertion = form.get('assertion')
  if (assertion === undefined) return refuse({ reason: 'assertion-missing' })
  return accept({ assertion, scope: form.get('scope'), resource: form.get('resource') })
}

export type GrantRefusal = { readonly reason: 'grant-not-registered' } | { readonly reason: 'public-client' }

/**
 * Whether the client may use this grant at all. A public client has proved nothing: it may redeem only what is bound
 * to a key it holds (Δ C-07), and such assertions are not redeemed here yet.
 */
export function checkGrantAllowed(asking: AuthenticatedClient<ResourceAsClient>): Result<undefined, GrantRefusal> {
  if (!asking.client.grantTypes.includes(JWT_BEARER_GRANT)) return refuse({ reason: 'grant-not-registered' })
  if (asking.method === 'none') return refuse({ reason: 'public-client' })
  return accept()
}

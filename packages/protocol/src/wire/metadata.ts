/**
 * Metadata documents, as a peer publishes them. Unknown members pass through unread.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414 §2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2 RFC 9728 §2}
 */
import { z } from 'zod'
import type { IssuerId } from '../ids.ts'

const url = z.string().min(1).max(2048)
const strings = z.array(z.string()).max(200)

export const authorizationServerMetadata = z.looseObject({
  issuer: z
    .string()
    .min(1)
    .transform((value) => value as IssuerId),
  authorization_endpoint: url.optional(),
  token_endpoint: url,
  jwks_uri: url.optional(),
  revocation_endpoint: url.optional(),
  introspection_endpoint: url.optional(),
  end_session_endpoint: url.optional(),
  grant_types_supported: strings.optional(),
  response_types_supported: strings.optional(),
  scopes_supported: strings.optional(),
  token_endpoint_auth_methods_supported: strings.optional(),
  code_challenge_methods_supported: strings.optional(),
  authorization_grant_profiles_supported: strings.optional(),
  identity_chaining_requested_token_types_supported: strings.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
  /** Where a person's client reads which MCP servers policy opens to that person (a Carnet member). */
  carnet_servers_endpoint: url.optional(),
})
export type AuthorizationServerMetadata = z.output<typeof authorizationServerMetadata>

export const protectedResourceMetadata = z.looseObject({
  resource: url,
  authorization_servers: z.array(url).min(1).max(20),
  scopes_supported: strings.optional(),
  bearer_methods_supported: strings.optional(),
  resource_name: z.string().optional(),
})
export type ProtectedResourceMetadata = z.output<typeof protectedResourceMetadata>

/**
 * Where metadata for `issuer` may be found, in the order strict clients ask (DISC-06).
 *
 * @param issuer - an absolute http(s) URL
 */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  )
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`]
}

/** Where protected resource metadata for `resource` may be found: path-inserted, then root (RFC 9728 §3.1). */
export function protectedResourceMetadataUrls(resource: string): readonly string[] {
  const { origin, pathname, search } = new URL(resource)
  const root = `${origin}/.well-known/oauth-protected-resource`
  const path = pathname.replace(/\/$/, '')
  return path === '' ? [`${root}${search}`] : [`${root}${path}${search}`, root]
}

/** Where the issuer's endpoints are, relative to its issuer identifier. */
import type { IssuerId } from '@carnet/protocol'

export const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  endSession: '/logout',
  revocation: '/revoke',
  introspection: '/introspect',
  jwks: '/jwks',
  servers: '/servers',
  interaction: '/sign-in',
} as const

/** The path part of an issuer identifier; empty at the root of a host. */
export function pathOf(issuer: IssuerId): string {
  return new URL(issuer).pathname.replace(/\/$/, '')
}

/**
 * Every path at which a client may look for the metadata of `issuer`: inserted before the issuer's path, as
 * RFC 8414 has it, and appended to it, as OpenID Connect Discovery has it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 RFC 8414 §3.1}
 */
export function metadataPaths(issuer: IssuerId): ReadonlySet<string> {
  const path = pathOf(issuer)
  const names = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
  return new Set(names.flatMap((name) => [`${name}${path}`, `${path}${name}`]))
}

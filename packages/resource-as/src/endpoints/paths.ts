/**
 * Where this server's endpoints are, under an issuer identifier with or without a path.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 RFC 8414 §3.1}
 */
export const ENDPOINTS = {
  token: '/token',
  jwks: '/jwks',
  introspect: '/introspect',
  revoke: '/revoke',
  authorize: '/authorize',
  revocations: '/revocations',
  events: '/events',
} as const

export type EndpointName = keyof typeof ENDPOINTS

export function endpointUrls(issuer: string): Readonly<Record<EndpointName, string>> {
  return {
    token: issuer + ENDPOINTS.token,
    jwks: issuer + ENDPOINTS.jwks,
    introspect: issuer + ENDPOINTS.introspect,
    revoke: issuer + ENDPOINTS.revoke,
    authorize: issuer + ENDPOINTS.authorize,
    revocations: issuer + ENDPOINTS.revocations,
    events: issuer + ENDPOINTS.events,
  }
}

/** The path of an issuer identifier: empty, or `/` and what follows. */
export function issuerPath(issuer: string): string {
  const { pathname } = new URL(issuer)
  return pathname === '/' ? '' : pathname
}

/** Every place where somebody looks for the metadata: inserted before the path, and appended after it. */
export function metadataPaths(issuer: string): readonly string[] {
  const path = issuerPath(issuer)
  return ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
    ...new Set([`/.well-known/${name}${path}`, `${path}/.well-known/${name}`]),
  ])
}

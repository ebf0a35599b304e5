/**
 * The `WWW-Authenticate` challenge. `Bearer` is the only scheme, so it is the first.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 RFC 9728 §5.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750 §3}
 */
import { formatScopes, type Scope, wireText } from '@carnet/protocol'

export interface Challenge {
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  readonly description?: string
  readonly scopes: readonly Scope[]
  readonly resourceMetadata: string
}

/** Clients read only a leading Bearer challenge, and only quoted ASCII (Δ C-39). */
export function bearerChallenge({ error, description, scopes, resourceMetadata }: Challenge): string {
  const parameters = [
    ['error', error],
    ['error_description', description],
    ['scope', scopes.length === 0 ? undefined : formatScopes(scopes)],
    ['resource_metadata', resourceMetadata],
  ] as const
  const given = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${wireText(value)}"`]))
  return `Bearer ${given.join(', ')}`
}

/**
 * What a request for scopes can mean at one server.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749 §3.3}
 */
import type { Scope } from '@carnet/protocol'
import type { ScopeEntry, ServerEntry } from './types.ts'

export interface RequestedScopes {
  /** Registered scopes of the server, for policy to decide; nothing else may ever be granted. */
  readonly known: readonly ScopeEntry[]
  /** Scopes the server does not have: dropped, and named to the client. */
  readonly unknown: readonly Scope[]
}

/** @param requested - attacker-controlled, well-formed; absent asks for whatever policy gives (IDP-30) */
export function scopesOfRequest(server: ServerEntry, requested: readonly Scope[] | undefined): RequestedScopes {
  if (requested === undefined) return { known: server.scopes, unknown: [] }
  const wanted = new Set(requested)
  const known = server.scopes.filter(({ name }) => wanted.has(name))
  for (const { name } of known) wanted.delete(name)
  return { known, unknown: [...wanted] }
}

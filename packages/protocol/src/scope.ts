/**
 * Scope strings and scope sets.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749 §3.3}
 */
import type { Scope } from './ids.ts'
import { accept, type Result, refuse } from './result.ts'

export const MAX_SCOPES = 100
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The one scope that never travels towards a Resource Authorization Server or an MCP server. */
export const OFFLINE_ACCESS = 'offline_access' as Scope

export type ScopeRefusal = { readonly reason: 'scope-malformed' } | { readonly reason: 'too-many-scopes' }

export function isScope(value: string): value is Scope {
  return SCOPE_TOKEN.test(value)
}

/**
 * Parses a space-separated scope string; duplicates collapse, order is kept.
 *
 * @param value - attacker-controlled
 */
export function parseScopes(value: string): Result<readonly Scope[], ScopeRefusal> {
  const tokens = value.split(' ')
  if (tokens.length > MAX_SCOPES) return refuse({ reason: 'too-many-scopes' })
  const scopes = new Set<Scope>()
  for (const token of tokens) {
    if (!isScope(token)) return refuse({ reason: 'scope-malformed' })
    scopes.add(token)
  }
  return accept([...scopes])
}

/** The wire form of a set of scopes. */
export function formatScopes(scopes: Iterable<Scope>): string {
  return [...scopes].join(' ')
}

/** The scopes of `wanted` that are also in `allowed`, in the order of `wanted`. */
export function intersectScopes(wanted: Iterable<Scope>, allowed: Iterable<Scope>): readonly Scope[] {
  const permitted = new Set(allowed)
  return [...wanted].filter((scope) => permitted.has(scope))
}

/**
 * Which scopes to ask for.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization MCP authorization, scope selection}
 */
import { type DroppedScope, isScope, OFFLINE_ACCESS, type Scope } from '@carnet/protocol'

/**
 * The caller's own wish, else the challenge, else what the server's metadata lists, else none: then the policy
 * alone decides. `offline_access` is for the sign-in and never goes towards a server.
 */
export function chooseScopes(
  wanted: readonly Scope[] | undefined,
  challenged: readonly Scope[] | undefined,
  supported: readonly string[] | undefined,
): readonly Scope[] | undefined {
  const chosen = wanted ?? challenged ?? supported?.filter(isScope)
  const scopes = chosen?.filter((scope) => scope !== OFFLINE_ACCESS)
  return scopes === undefined || scopes.length === 0 ? undefined : [...new Set(scopes)]
}

/** The wider set a server's 403 asks for: what is held and what is missing, in one token. */
export function unionOf(...sets: readonly (readonly Scope[] | undefined)[]): readonly Scope[] {
  return [...new Set(sets.flatMap((set) => set ?? []))]
}

/** Everything that was asked for and not granted: with the issuer's reason, else as narrowed on the second leg. */
export function droppedOf(
  asked: readonly Scope[] | undefined,
  granted: readonly Scope[],
  named: readonly DroppedScope[],
): readonly DroppedScope[] {
  const silent = (asked ?? []).filter(
    (scope) => !granted.includes(scope) && !named.some((dropped) => dropped.scope === scope),
  )
  return [...named, ...silent.map((scope) => ({ scope, reason: 'narrowed-by-authorization-server' }))]
}

/**
 * Which tool needs which scopes, and which scope includes which.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-challenge-handling MCP authorization, scope challenges}
 */
import { accept, type Result, refuse, type Scope } from '@carnet/protocol'
import type { ToolRefusal } from '../refusals.ts'

export interface ScopeRules {
  /** Tool name to the scopes it needs, all of them. A tool that is not here is nobody's. */
  readonly tools: ReadonlyMap<string, readonly Scope[]>
  /** Scope to everything it includes, at any depth, itself too. */
  readonly included: ReadonlyMap<Scope, ReadonlySet<Scope>>
}

/** @param implied - a broader scope to the narrower ones it includes; may be several levels deep */
export function scopeRules(
  tools: Readonly<Record<string, readonly Scope[]>>,
  implied: Readonly<Record<string, readonly Scope[]>>,
): ScopeRules {
  const direct = new Map(Object.entries(implied))
  const included = new Map<Scope, ReadonlySet<Scope>>()
  for (const broad of direct.keys()) included.set(broad as Scope, closure(broad as Scope, direct))
  return { tools: new Map(Object.entries(tools)), included }
}

function closure(scope: Scope, direct: ReadonlyMap<string, readonly Scope[]>): ReadonlySet<Scope> {
  const found = new Set<Scope>([scope])
  // A set hands out what is added while it is walked.
  for (const each of found) for (const narrower of direct.get(each) ?? []) found.add(narrower)
  return found
}

/**
 * @param granted - the scopes of a verified access token
 * @param tool - attacker-controlled
 */
export function checkTool(
  tool: string,
  granted: readonly Scope[],
  rules: ScopeRules,
): Result<readonly Scope[], ToolRefusal> {
  const needed = rules.tools.get(tool)
  if (needed === undefined) return refuse({ reason: 'unknown-tool', tool })
  if (!needed.every((scope) => satisfies(granted, scope, rules)))
    return refuse({ reason: 'insufficient-scope', tool, needed })
  return accept(needed)
}

function satisfies(granted: readonly Scope[], needed: Scope, { included }: ScopeRules): boolean {
  return granted.some((scope) => scope === needed || included.get(scope)?.has(needed) === true)
}

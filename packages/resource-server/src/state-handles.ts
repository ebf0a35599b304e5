/**
 * State between calls, held under handles that are worth nothing to anybody else.
 *
 * A handle in a tool's arguments is attacker-controlled: it names state, it never says whose it is.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/security_best_practices MCP security best practices}
 */
import type { Random } from '@carnet/protocol'
import { LRUCache } from 'lru-cache'
import { type Caller, callerKey } from './caller.ts'

export interface StateHandles<State> {
  /** Keeps `state` for `caller` and names it by 128 random bits. */
  keep(caller: Caller, state: State): string
  /** The state, if `handle` names one and `caller` is who kept it; another caller hears what an unknown handle hears. */
  find(caller: Caller, handle: string): State | undefined
  forget(caller: Caller, handle: string): void
}

/** @param options.max - the least recently used state is forgotten beyond this many */
export function createStateHandles<State extends object>(
  random: Random,
  options: { readonly max: number },
): StateHandles<State> {
  const kept = new LRUCache<string, { readonly owner: string; readonly state: State }>({ max: options.max })

  function find(caller: Caller, handle: string): State | undefined {
    const entry = kept.get(handle)
    return entry?.owner === callerKey(caller) ? entry.state : undefined
  }

  return {
    keep(caller, state) {
      const handle = random.token(16)
      kept.set(handle, { owner: callerKey(caller), state })
      return handle
    },
    find,
    forget(caller, handle) {
      if (find(caller, handle) !== undefined) kept.delete(handle)
    },
  }
}

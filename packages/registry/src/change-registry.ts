/** Changes to a registry: made as a whole, or not at all. */
import { accept, type ClientId, type IssuerId, type ResourceId, type Result, refuse } from '@carnet/protocol'
import type { RegistryProblem } from './lint/problem.ts'
import { lintRegistry, type RegistryContents } from './lint-registry.ts'
import type { AuthorizationServerEntry } from './types.ts'

export interface RegistryChange {
  /** Entries to add, or to put in the place of those of the same issuer, resource or client id. */
  readonly put?: Partial<RegistryContents>
  readonly remove?: {
    readonly authorizationServers?: readonly IssuerId[]
    readonly servers?: readonly ResourceId[]
    readonly clients?: readonly ClientId[]
  }
}

export type RegistryRefusal = { readonly reason: 'invalid-registry'; readonly problems: readonly RegistryProblem[] }

/** @param self - the issuer's own identifier */
export function changeRegistry(
  before: RegistryContents,
  { put = {}, remove = {} }: RegistryChange,
  self: IssuerId,
): Result<RegistryContents, RegistryRefusal> {
  const after = {
    authorizationServers: merge(
      before,
      put,
      'authorizationServers',
      ({ issuer }) => issuer,
      remove.authorizationServers,
    ),
    servers: merge(before, put, 'servers', ({ resource }) => resource, remove.servers),
    clients: merge(before, put, 'clients', ({ id }) => id, remove.clients),
  }
  const problems = [
    ...lintRegistry(after, self),
    ...subjectChanges(before.authorizationServers, after.authorizationServers),
  ]
  return problems.length === 0 ? accept(after) : refuse({ reason: 'invalid-registry', problems })
}

function merge<Kind extends keyof RegistryContents>(
  before: RegistryContents,
  put: Partial<RegistryContents>,
  kind: Kind,
  keyOf: (entry: RegistryContents[Kind][number]) => string,
  removed: readonly string[] = [],
): RegistryContents[Kind][number][] {
  const entries: readonly RegistryContents[Kind][number][] = before[kind]
  const replacements: readonly RegistryContents[Kind][number][] = put[kind] ?? []
  const gone = new Set([...removed, ...replacements.map(keyOf)])
  return [...entries.filter((entry) => !gone.has(keyOf(entry))), ...replacements]
}

/** An authorization server that is told of new subjects sees new people, and may give them old accounts. */
function subjectChanges(
  before: readonly AuthorizationServerEntry[],
  after: readonly AuthorizationServerEntry[],
): readonly RegistryProblem[] {
  const rules = new Map(before.map(({ issuer, subjectRule }) => [issuer, ruleText(subjectRule)]))
  return after.flatMap(({ issuer, subjectRule }, position) => {
    const known = rules.get(issuer)
    if (known === undefined || known === ruleText(subjectRule)) return []
    const message = 'cannot change while people are known there by it; remove the entry and register it anew'
    return [{ path: `authorizationServers[${position}].subjectRule`, message }]
  })
}

function ruleText(rule: AuthorizationServerEntry['subjectRule']): string {
  return rule.kind === 'pairwise' ? `pairwise:${rule.sector}` : rule.kind
}

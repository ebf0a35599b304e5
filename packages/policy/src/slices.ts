/**
 * Slices of a policy set: each rule is in exactly one, and a question is put only to slices that could apply.
 *
 * Rules are independent of each other, so what a set of them says is what its slices say together: a scope is
 * granted if a permit of any slice is satisfied and no `forbid` of any slice is.
 */
import type { Rule } from './policy-set.ts'
import type { Confine } from './rule-head.ts'

export interface Slice {
  readonly rules: readonly Rule[]
  readonly principals: ReadonlySet<Confine>
}

export type Slices = ReadonlyMap<Confine, readonly Slice[]>

/** @param largest - a slice of more rules is cut further, by whom its rules are about */
export function sliceRules(rules: readonly Rule[], largest: number): Slices {
  const slices = new Map<Confine, readonly Slice[]>()
  for (const [resources, about] of groupBy(rules, (rule) => rule.resources)) {
    const parts = about.length <= largest ? [about] : [...groupBy(about, (rule) => rule.principals).values()]
    slices.set(
      resources,
      parts.map((part) => ({ rules: part, principals: new Set(part.map(({ principals }) => principals)) })),
    )
  }
  return slices
}

/** The slices that could apply to a server, whoever asks. */
export function slicesFor(
  slices: Slices,
  { resource, authorizationServer }: { readonly resource: string; readonly authorizationServer: string },
): readonly Slice[] {
  const confines: readonly Confine[] = ['any', `authorization-server:${authorizationServer}`, `server:${resource}`]
  return confines.flatMap((confine) => slices.get(confine) ?? [])
}

/** Whether some rule of the slice could apply to the person. */
export function concerns({ principals }: Slice, person: { readonly id: string; readonly groups: readonly string[] }) {
  return (
    principals.has('any') ||
    principals.has(`person:${person.id}`) ||
    person.groups.some((group) => principals.has(`group:${group}`))
  )
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(item)
  }
  return groups
}

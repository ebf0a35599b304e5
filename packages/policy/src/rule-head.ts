/**
 * Which questions the head of a rule lets it apply to. A rule whose head is not understood could apply to all.
 *
 * @see {@link https://docs.cedarpolicy.com/policies/syntax-policy.html Cedar policy syntax}
 */
import type {
  EntityUidJson,
  PolicyJson,
  PrincipalConstraint,
  ResourceConstraint,
} from '@cedar-policy/cedar-wasm/nodejs'

/** A part of the world that a head confines a rule to: `any`, or a kind and an id. */
export type Confine = 'any' | `${'server' | 'authorization-server' | 'group' | 'person'}:${string}`

export interface RuleHead {
  readonly resources: Confine
  readonly principals: Confine
}

export function headOf({ principal, resource }: PolicyJson): RuleHead {
  return { resources: confineOfResource(entityIn(resource)), principals: confineOfPrincipal(entityIn(principal)) }
}

interface Entity {
  readonly type: string
  readonly id: string
}

function confineOfResource(entity: Entity | undefined): Confine {
  switch (entity?.type) {
    case 'Server':
      return `server:${entity.id}`
    case 'AuthorizationServer':
      return `authorization-server:${entity.id}`
    case 'Scope':
      return `server:${entity.id.split('#', 1)[0]}`
    default:
      return 'any'
  }
}

function confineOfPrincipal(entity: Entity | undefined): Confine {
  switch (entity?.type) {
    case 'Group':
      return `group:${entity.id}`
    case 'User':
      return `person:${entity.id}`
    default:
      return 'any'
  }
}

/** The one entity a head names, whether it compares with `==`, `in` or `is … in`. */
function entityIn(constraint: PrincipalConstraint | ResourceConstraint): Entity | undefined {
  if (constraint.op === 'All') return undefined
  const named = constraint.op === 'is' ? constraint.in : constraint
  return named !== undefined && 'entity' in named ? plain(named.entity) : undefined
}

function plain(uid: EntityUidJson): Entity {
  return '__entity' in uid ? uid.__entity : uid
}

/**
 * Settles for which one MCP server the access token will be.
 *
 * Identifiers are compared with a folded host and one optional trailing slash; what goes on is the registered
 * spelling (Δ C-02, C-21).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707 §2}
 */
import { accept, type ResourceId, type Result, refuse, sameResource } from '@carnet/protocol'
import type { GovernedResource } from '../ports.ts'

export type ResourceRefusal =
  | { readonly reason: 'resource-not-governed'; readonly resource: string }
  | { readonly reason: 'resource-outside-assertion'; readonly resource: string }
  | { readonly reason: 'resource-choice-needed' }

export interface ResourceQuestion {
  /** The `resource` claim of the verified assertion. */
  readonly claimed: ResourceId | readonly ResourceId[] | undefined
  /** The `resource` parameter: attacker-controlled, and only ever narrows. */
  readonly requested: string | undefined
  readonly governed: readonly GovernedResource[]
  /** What the issuer's trust entry and the client's registration both allow. */
  readonly permitted: (resource: ResourceId) => boolean
}

export function resolveResource(question: ResourceQuestion): Result<GovernedResource, ResourceRefusal> {
  if (question.claimed === undefined) return withoutClaim(question)
  const claimed: GovernedResource[] = []
  for (const named of typeof question.claimed === 'string' ? [question.claimed] : question.claimed) {
    const resource = findGoverned(question, named)
    if (resource === undefined) return refuse({ reason: 'resource-not-governed', resource: named })
    claimed.push(resource)
  }
  return choose(claimed, question.requested)
}

/** The request must lie inside the claim, and must choose where the claim names several. */
function choose(
  claimed: readonly GovernedResource[],
  requested: string | undefined,
): Result<GovernedResource, ResourceRefusal> {
  const [first] = claimed
  if (requested === undefined) {
    const several = claimed.some((resource) => resource !== first)
    return first === undefined || several ? refuse({ reason: 'resource-choice-needed' }) : accept(first)
  }
  const chosen = claimed.find(({ id }) => sameResource(id, requested))
  return chosen === undefined ? refuse({ reason: 'resource-outside-assertion', resource: requested }) : accept(chosen)
}

/** Without a claim the request may hint; without a hint there must be only one resource it could be. */
function withoutClaim(question: ResourceQuestion): Result<GovernedResource, ResourceRefusal> {
  const { requested, governed } = question
  if (requested !== undefined) {
    const hinted = findGoverned(question, requested)
    return hinted === undefined ? refuse({ reason: 'resource-outside-assertion', resource: requested }) : accept(hinted)
  }
  const [only, ...others] = governed
  if (only === undefined || others.length > 0) return refuse({ reason: 'resource-choice-needed' })
  return question.permitted(only.id) ? accept(only) : refuse({ reason: 'resource-not-governed', resource: only.id })
}

function findGoverned({ governed, permitted }: ResourceQuestion, named: string): GovernedResource | undefined {
  return governed.find(({ id }) => sameResource(id, named) && permitted(id))
}

/**
 * Narrows what the issuer allows to what is granted here: never more than the assertion says.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4.1 ID-JAG §4.4.1}
 */
import { accept, intersectScopes, OFFLINE_ACCESS, parseScopes, type Result, refuse, type Scope } from '@carnet/protocol'
import type { GovernedResource } from '../ports.ts'

export type ScopeNarrowingRefusal =
  | { readonly reason: 'malformed-claimed-scope' }
  | { readonly reason: 'malformed-requested-scope' }
  | { readonly reason: 'unknown-scope'; readonly scopes: readonly Scope[] }
  | { readonly reason: 'nothing-granted' }

export interface ScopeQuestion {
  /** The `scope` claim of the verified assertion. */
  readonly claimed: string | undefined
  /** The `scope` parameter: attacker-controlled, and only ever narrows. */
  readonly requested: string | undefined
  readonly resource: GovernedResource
  /** What the client is registered for. */
  readonly registered: readonly Scope[]
  /** What the issuer's trust entry allows at most. */
  readonly ceiling: readonly Scope[]
  readonly unknownScopes: 'refuse' | 'drop'
}

export function narrowScope(question: ScopeQuestion): Result<readonly Scope[], ScopeNarrowingRefusal> {
  const claimed = knownScopes(question)
  if (!claimed.ok) return claimed
  const requested = question.requested === undefined ? accept(claimed.value) : parseScopes(question.requested)
  if (!requested.ok) return refuse({ reason: 'malformed-requested-scope' })

  const within = [requested.value, question.registered, question.ceiling]
  const granted = within.reduce(intersectScopes, claimed.value).filter((scope) => scope !== OFFLINE_ACCESS)
  return granted.length === 0 ? refuse({ reason: 'nothing-granted' }) : accept(granted)
}

/** The claimed scopes that the resource has. Another one is a misunderstanding between two companies: say so (Δ C-12). */
function knownScopes({
  claimed,
  resource,
  unknownScopes,
}: ScopeQuestion): Result<readonly Scope[], ScopeNarrowingRefusal> {
  if (claimed === undefined) return accept(resource.minimumScopes)
  const scopes = parseScopes(claimed)
  if (!scopes.ok) return refuse({ reason: 'malformed-claimed-scope' })
  const unknown = scopes.value.filter((scope) => scope !== OFFLINE_ACCESS && !resource.scopes.includes(scope))
  if (unknown.length > 0 && unknownScopes === 'refuse') return refuse({ reason: 'unknown-scope', scopes: unknown })
  return accept(intersectScopes(scopes.value, resource.scopes))
}

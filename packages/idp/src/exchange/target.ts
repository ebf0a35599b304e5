/**
 * Resolves what the request names to one registered MCP server.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3 ID-JAG §4.3}
 */
import { type IssuerId, type Result, refuse } from '@carnet/protocol'
import {
  type ClientEntry,
  type RegistrySnapshot,
  resolveTarget,
  type Target,
  type TargetRefusal,
} from '@carnet/registry'
import type { ExchangeRequest } from './request.ts'

export type ExchangeTargetRefusal = TargetRefusal | { readonly reason: 'several-audiences'; readonly count: number }

/** An ID-JAG is for one authorization server, so a request for several has no answer (IDP-13). */
export function exchangeTarget(
  { audiences, resources }: ExchangeRequest,
  client: ClientEntry,
  snapshot: RegistrySnapshot,
  self: IssuerId,
): Result<Target, ExchangeTargetRefusal> {
  const [audience, ...more] = audiences
  if (more.length > 0) return refuse({ reason: 'several-audiences', count: audiences.length })
  return resolveTarget(snapshot, { self, audience, resources, client })
}

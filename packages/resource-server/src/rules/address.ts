/**
 * Refuses requests that were led here by a rebound name or by a foreign page.
 *
 * Only `Host` and `Origin` are looked at: a `Forwarded` header is whatever its sender likes.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#security MCP transports, security}
 */
import { accept, type Result, refuse } from '@carnet/protocol'
import type { AddressRefusal } from '../refusals.ts'
import type { RequestFacts } from '../request-facts.ts'

export interface AddressPolicy {
  /** Host names we are reached under, without port, lower-case; IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>
  /** Origins whose pages may call us. A request without `Origin` is not from a page. */
  readonly origins: ReadonlySet<string>
}

/** @param request - attacker-controlled */
export function checkAddress(
  request: RequestFacts,
  { hosts, origins }: AddressPolicy,
): Result<undefined, AddressRefusal> {
  const host = request.headers.get('host') ?? hostOf(request.url)
  if (!hosts.has(hostName(host))) return refuse({ reason: 'bad-host', host })
  const origin = request.headers.get('origin')
  if (origin !== null && !origins.has(origin)) return refuse({ reason: 'bad-origin', origin })
  return accept()
}

/** HTTP/2 has no `Host`: there the name is part of the URL. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

function hostName(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase()
}

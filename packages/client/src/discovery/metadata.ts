/**
 * Finds out who protects an MCP server and how to talk to them. Documents that name another party than the one
 * they were asked of are not acted on.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.3 RFC 9728 §3.3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 RFC 8414 §3.3}
 */
import { fetchProtectedResourceMetadata, type MetadataCache, type MetadataRefusal } from '@carnet/net'
import {
  type AuthorizationServerMetadata,
  type OutboundHttp,
  type ProtectedResourceMetadata,
  type Result,
  resourceKey,
} from '@carnet/protocol'
import { overTheWire } from '../http/ask.ts'
import type { ClientReason } from '../reasons.ts'
import { type Leg, type Step, stop } from '../refusal.ts'

/**
 * @param challenged - `resource_metadata` of the server's challenge, if there was one: attacker-controlled
 */
export async function findResourceMetadata(
  serverUrl: string,
  challenged: string | undefined,
  http: OutboundHttp,
): Promise<Step<ProtectedResourceMetadata>> {
  if (resourceKey(serverUrl) === undefined) return stop('discovery', 'server-address-unusable')
  const found = await overTheWire('discovery', () => fetchProtectedResourceMetadata(serverUrl, http, challenged))
  return found.ok ? believed('discovery', found.value, 'resource-metadata-missing') : found
}

/** @param issuer - from configuration, or one that configuration knows */
export async function findIssuerMetadata(
  issuer: string,
  leg: Leg,
  cache: MetadataCache,
): Promise<Step<AuthorizationServerMetadata>> {
  const found = await overTheWire(leg, () => cache.get(issuer))
  return found.ok ? believed(leg, found.value, 'issuer-metadata-missing') : found
}

function believed<Metadata>(
  leg: Leg,
  found: Result<Metadata, MetadataRefusal>,
  whenMissing: ClientReason,
): Step<Metadata> {
  if (found.ok) return found
  const { reason } = found.refusal
  if (reason === 'no-metadata') return stop(leg, whenMissing)
  return stop(leg, reason === 'metadata-malformed' ? 'answer-malformed' : reason)
}

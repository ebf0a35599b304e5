/** Everything there is to know about an MCP server before anything is asked for. */
import type { MetadataCache } from '@carnet/net'
import { type AuthorizationServerMetadata, accept } from '@carnet/protocol'
import type { Settings } from '../config.ts'
import {
  checkEnterpriseManaged,
  checkOwnEndpoints,
  chooseRegistration,
  type Registration,
} from '../discovery/enterprise-managed.ts'
import { findIssuerMetadata, findResourceMetadata } from '../discovery/metadata.ts'
import type { Step } from '../refusal.ts'

export interface Target {
  /** The server's `resource`, byte for byte as published. */
  readonly resource: string
  readonly scopesSupported: readonly string[] | undefined
  readonly at: Registration
  readonly metadata: AuthorizationServerMetadata
}

/** @param challenged - `resource_metadata` of the server's challenge */
export async function findTarget(
  serverUrl: string,
  challenged: string | undefined,
  metadata: MetadataCache,
  { http, registrations }: Settings,
): Promise<Step<Target>> {
  const resource = await findResourceMetadata(serverUrl, challenged, http)
  if (!resource.ok) return resource
  const at = chooseRegistration(resource.value, registrations)
  if (!at.ok) return at
  const server = await findIssuerMetadata(at.value.issuer, 'discovery', metadata)
  if (!server.ok) return server
  const possible = checkEnterpriseManaged(server.value)
  if (!possible.ok) return possible
  const own = checkOwnEndpoints(server.value)
  if (!own.ok) return own
  return accept({
    resource: resource.value.resource,
    scopesSupported: resource.value.scopes_supported,
    at: at.value,
    metadata: server.value,
  })
}

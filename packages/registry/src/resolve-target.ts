/**
 * Resolves what a token exchange names (`audience`, `resource`) to one registered MCP server, the
 * authorization server that governs it, and the client's id there.
 *
 * What goes into the ID-JAG is what was registered, never an echo of the request.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3 ID-JAG §4.3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707 §2}
 */
import {
  accept,
  type ClientId,
  type IssuerId,
  type ResourceId,
  type Result,
  refuse,
  resourceKey,
} from '@carnet/protocol'
import { indexOf, type RegistryIndex } from './registry-index.ts'
import type { AuthorizationServerEntry, ClientEntry, RegistrySnapshot, ServerEntry } from './types.ts'

export interface TargetRequest {
  /** The issuer's own identifier: never a target (IDP-44). */
  readonly self: IssuerId
  /** Attacker-controlled. */
  readonly audience: string
  /** Every `resource` parameter, in order; attacker-controlled. */
  readonly resources: readonly string[]
  /** The client that authenticated. */
  readonly client: ClientEntry
}

export interface Target {
  readonly authorizationServer: AuthorizationServerEntry
  readonly server: ServerEntry
  /** The id this client has at that authorization server: the ID-JAG's `client_id`. */
  readonly clientIdThere: ClientId
}

export type TargetRefusal =
  | { readonly reason: 'unknown-audience' }
  | { readonly reason: 'own-audience' }
  | { readonly reason: 'client-not-mapped'; readonly authorizationServer: IssuerId }
  | { readonly reason: 'several-resources'; readonly count: number }
  | { readonly reason: 'malformed-resource' }
  | { readonly reason: 'resource-needed'; readonly governed: number }
  | { readonly reason: 'resource-not-governed' }
  | { readonly reason: 'server-not-approved'; readonly resource: ResourceId; readonly state: ServerEntry['state'] }

/** Audience first, then the client's registration there, then the resource: the first rule broken is the answer. */
export function resolveTarget(snapshot: RegistrySnapshot, request: TargetRequest): Result<Target, TargetRefusal> {
  const { self, audience, resources, client } = request
  const index = indexOf(snapshot)

  const authorizationServer = index.findAuthorizationServer(audience)
  if (audience === self || authorizationServer?.issuer === self) return refuse({ reason: 'own-audience' })
  if (authorizationServer === undefined) return refuse({ reason: 'unknown-audience' })

  const { issuer } = authorizationServer
  const clientIdThere = registrationAt(client, issuer)
  if (clientIdThere === undefined) return refuse({ reason: 'client-not-mapped', authorizationServer: issuer })

  const server = resolveServer(index, issuer, resources)
  if (!server.ok) return server
  return accept({ authorizationServer, server: server.value, clientIdThere })
}

/** The id an administrator recorded for this client at that authorization server, if any. */
export function registrationAt(client: ClientEntry, issuer: IssuerId): ClientId | undefined {
  return Object.hasOwn(client.registrations, issuer) ? client.registrations[issuer] : undefined
}

function resolveServer(
  index: RegistryIndex,
  issuer: IssuerId,
  [resource, ...more]: readonly string[],
): Result<ServerEntry, TargetRefusal> {
  if (resource === undefined) return soleServerOf(index, issuer)
  // An ID-JAG names one resource, so a request for several could only be answered by choosing for the client.
  if (more.length > 0) return refuse({ reason: 'several-resources', count: more.length + 1 })

  const key = resourceKey(resource)
  if (key === undefined) return refuse({ reason: 'malformed-resource' })
  const server = index.findServer(key)
  if (server?.authorizationServer !== issuer) return refuse({ reason: 'resource-not-governed' })
  if (server.state !== 'approved') {
    return refuse({ reason: 'server-not-approved', resource: server.resource, state: server.state })
  }
  return accept(server)
}

function soleServerOf(index: RegistryIndex, issuer: IssuerId): Result<ServerEntry, TargetRefusal> {
  const governed = index.approvedServersOf(issuer)
  const [sole] = governed
  if (sole === undefined) return refuse({ reason: 'resource-not-governed' })
  if (governed.length > 1) return refuse({ reason: 'resource-needed', governed: governed.length })
  return accept(sole)
}

/**
 * The protected resource metadata, by which clients find the authorization server.
 *
 * Everything in it is configuration: no header of a request changes it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3 RFC 9728 §3}
 */
import { type IssuerId, protectedResourceMetadataUrls, type ResourceId, type Scope } from '@carnet/protocol'
import type { RequestFacts } from '../request-facts.ts'
import type { Answer } from './answer.ts'

export interface ResourceMetadata {
  readonly resource: ResourceId
  /** Clients use the first. */
  readonly authorizationServers: readonly IssuerId[]
  readonly scopes: readonly Scope[]
  readonly name: string | undefined
}

/** The URL a challenge names: the path-inserted one. */
export function metadataUrl(resource: ResourceId): string {
  return protectedResourceMetadataUrls(resource)[0] ?? ''
}

const ANY_ORIGIN = { 'access-control-allow-origin': '*' }
const METHODS = 'GET, HEAD, OPTIONS'

/** @returns `undefined` when the request is for something else */
export function answerMetadata(
  request: Pick<RequestFacts, 'method' | 'url'>,
  metadata: ResourceMetadata,
): Answer | undefined {
  const asked = pathOf(request.url)
  const own = protectedResourceMetadataUrls(metadata.resource).map(pathOf)
  if (!own.includes(asked)) return undefined
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return {
        status: 200,
        headers: { ...ANY_ORIGIN, 'cache-control': 'public, max-age=300', 'content-type': 'application/json' },
        body: request.method === 'HEAD' ? '' : JSON.stringify(document(metadata)),
      }
    case 'OPTIONS':
      return {
        status: 204,
        headers: {
          ...ANY_ORIGIN,
          'access-control-allow-methods': METHODS,
          'access-control-allow-headers': 'MCP-Protocol-Version',
        },
        body: '',
      }
    default:
      return { status: 405, headers: { ...ANY_ORIGIN, allow: METHODS }, body: '' }
  }
}

function document({ resource, authorizationServers, scopes, name }: ResourceMetadata): object {
  return {
    resource,
    authorization_servers: authorizationServers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(name !== undefined && { resource_name: name }),
  }
}

function pathOf(url: string): string {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname.replace(/\/$/, '') : ''
}

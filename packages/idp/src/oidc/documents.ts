/**
 * The documents anybody may read: metadata at every spelling of its address, and the key set.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-3.2 OAuth 2.1 §3.2 (cross-origin requests)}
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@carnet/protocol'
import { publicJwks } from '@carnet/tokens'
import type { IssuerConfig } from '../config.ts'
import { issuerMetadata } from './metadata.ts'
import type { RotatingKeys } from './rotating-keys.ts'
import { metadataPaths, pathOf, ROUTES } from './routes.ts'

/** Short enough that a new key is seen well before it signs. */
const MAX_AGE_SECONDS = 300

/** @returns whether `path` is one of the documents; then the request has been answered */
export type DocumentHandler = (path: string, request: IncomingMessage, response: ServerResponse) => boolean

export function createDocuments(
  config: IssuerConfig,
  acrValues: readonly string[],
  keys: Pick<RotatingKeys, 'published'>,
  clock: Clock,
): DocumentHandler {
  const metadata = JSON.stringify(issuerMetadata(config, acrValues))
  const places = metadataPaths(config.issuer)
  const jwksPath = pathOf(config.issuer) + ROUTES.jwks
  return (path, request, response) => {
    if (places.has(path)) answer(request, response, 'application/json', () => metadata)
    else if (path === jwksPath) {
      answer(request, response, 'application/jwk-set+json', () =>
        JSON.stringify(publicJwks(keys.published(clock.now()))),
      )
    } else return false
    return true
  }
}

function answer(request: IncomingMessage, response: ServerResponse, type: string, content: () => string): void {
  response.setHeader('access-control-allow-origin', '*')
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'MCP-Protocol-Version, Accept, Content-Type',
      'access-control-max-age': '3600',
    })
    response.end()
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD, OPTIONS' })
    response.end()
    return
  }
  const body = content()
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

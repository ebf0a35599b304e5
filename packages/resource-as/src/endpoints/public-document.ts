/**
 * A JSON document anybody may read, from any origin, and nobody may write.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.2 RFC 8414 §3.2}
 */
const CORS = { 'access-control-allow-origin': '*' }
const CACHE_SECONDS = 60

export function publicDocument(document: () => object, contentType: string): (request: Request) => Promise<Response> {
  return async (request) => {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return new Response(request.method === 'HEAD' ? null : JSON.stringify(document()), {
          headers: { ...CORS, 'content-type': contentType, 'cache-control': `public, max-age=${CACHE_SECONDS}` },
        })
      case 'OPTIONS':
        return new Response(null, {
          status: 204,
          headers: {
            ...CORS,
            'access-control-allow-methods': 'GET, HEAD',
            'access-control-allow-headers': 'MCP-Protocol-Version',
          },
        })
      default:
        return new Response(null, { status: 405, headers: { ...CORS, allow: 'GET, HEAD' } })
    }
  }
}

/**
 * Serves a Resource Authorization Server from Node's own HTTP server. The token endpoint is answered without making a
 * `Request` or a `Response`: it is what the server spends its time on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readNodeForm, STRICT_FORM, writeAnswer } from '@carnet/http'
import type { ResourceAuthorizationServer } from './app.ts'
import { endpointUrls } from './endpoints/paths.ts'

export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void

/** @returns a listener for `http.createServer`, which answers 404 to what is not this server's */
export function nodeListener(server: ResourceAuthorizationServer): NodeListener {
  const tokenPath = new URL(endpointUrls(server.issuer).token).pathname
  return (request, response) => {
    const answered =
      pathOf(request) === tokenPath ? answerToken(request, response, server) : answer(request, response, server)
    answered.catch((error: unknown) => {
      server.log.error('a connection ended before it was answered', { issuer: server.issuer, error })
      response.destroy()
    })
  }
}

export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

export async function answerToken(
  request: IncomingMessage,
  response: ServerResponse,
  server: ResourceAuthorizationServer,
): Promise<void> {
  const form = await readNodeForm(request, STRICT_FORM)
  const { authorization } = request.headers
  writeAnswer(response, await server.token({ form, authorization, source: sourceOf(request, server) }))
}

export function sourceOf(request: IncomingMessage, server: ResourceAuthorizationServer): string {
  const forwarded = request.headers['x-forwarded-for']
  return server.sourceOf(peerOf(request), typeof forwarded === 'string' ? forwarded : forwarded?.join(','))
}

function peerOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '0.0.0.0'
}

/** Everything else goes through the web-standard handler. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  server: ResourceAuthorizationServer,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const answered = await server.fetch(toRequest(request, server.issuer, gone.signal), peerOf(request))
  await writeResponse(response, answered)
}

/** The request as it would have been sent to the issuer's own host: the `Host` header decides nothing. */
function toRequest(request: IncomingMessage, issuer: string, signal: AbortSignal): Request {
  const { method = 'GET' } = request
  const url = new URL(issuer)
  const [path = '/', query] = (request.url ?? '/').split('?', 2)
  url.pathname = path
  url.search = query ?? ''
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each)
  }
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(url, { method, headers, signal, ...(hasBody && { body: bytesOf(request), duplex: 'half' }) })
}

function bytesOf(request: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false })
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks.return?.()
    },
  })
}

export async function writeResponse(response: ServerResponse, answered: Response): Promise<void> {
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (answered.body === null) {
    response.end()
    return
  }
  response.flushHeaders()
  try {
    await pipeline(Readable.fromWeb(answered.body), response)
  } catch (error) {
    // The reader of a stream hung up; that is how streams usually end.
    if (!isHangUp(error)) throw error
  }
}

function isHangUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && HANG_UPS.has(String(error.code))
}

const HANG_UPS: ReadonlySet<string> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ABORT_ERR'])

/** Which part of the server answers a request: by path, on one listener. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sourceOf, type TrustedProxies } from '@carnet/http'
import type { Log } from '@carnet/protocol'
import { getRequestListener } from '@hono/node-server'

export interface ListenerParts {
  readonly issuer: { handler(request: IncomingMessage, response: ServerResponse, next?: () => void): void }
  readonly hosted: readonly HostedListener[]
  readonly administration: { fetch(request: Request, source: string): Promise<Response> }
  /** Our own proxies, whose word on where a request came from is believed. */
  readonly proxies: TrustedProxies
  /** Explains a refusal, below `/why/`. */
  readonly why: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly log: Log
  /** What is not right yet, or no longer; empty where this process may serve. */
  readonly readiness: () => Promise<readonly string[]>
}

/** A Resource AS hosted beside the issuer, as this listener sees it. */
export interface HostedListener {
  owns(pathname: string): boolean
  handler(request: IncomingMessage, response: ServerResponse): void
}

export function createListener({ issuer, hosted, administration, proxies, why, readiness, log }: ListenerParts) {
  const administer = getRequestListener((request, { incoming }) => {
    const forwardedFor = request.headers.get('x-forwarded-for') ?? undefined
    return administration.fetch(request, sourceOf(incoming.socket.remoteAddress ?? '', forwardedFor, proxies))
  })
  const failed = (response: ServerResponse) => (error: unknown) => {
    log.error('a request failed', { error })
    if (!response.headersSent) response.writeHead(500)
    response.end()
  }
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    const owner = hosted.find((server) => server.owns(path))
    if (owner !== undefined) owner.handler(request, response)
    else if (path.startsWith('/api/v1/')) void administer(request, response)
    else if (path.startsWith('/why/')) why(request, response).catch(failed(response))
    else if (path === '/healthz') answerText(response, 200, 'ok')
    else if (path === '/readyz') answerReadiness(response, readiness).catch(failed(response))
    else issuer.handler(request, response)
  }
}

async function answerReadiness(response: ServerResponse, readiness: ListenerParts['readiness']): Promise<void> {
  const problems = await readiness()
  if (problems.length === 0) answerText(response, 200, 'ready')
  else answerText(response, 503, `not ready: ${problems.join('; ')}`)
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(`${text}\n`)
}

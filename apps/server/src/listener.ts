/** Which part of the server answers a request: by path, on one listener. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ResourceAuthorizationServer } from '@carnet/resource-as'
import { getRequestListener } from '@hono/node-server'

export interface ListenerParts {
  readonly issuer: { handler(request: IncomingMessage, response: ServerResponse, next?: () => void): void }
  readonly hosted: readonly HostedListener[]
  readonly administration: { fetch(request: Request): Promise<Response> }
  /** What is not right yet, or no longer; empty where this process may serve. */
  readonly readiness: () => Promise<readonly string[]>
}

/** A Resource AS hosted beside the issuer, as this listener sees it. */
export interface HostedListener {
  owns(pathname: string): boolean
  handler(request: IncomingMessage, response: ServerResponse): void
}

export function createListener({ issuer, hosted, administration, readiness }: ListenerParts) {
  const administer = getRequestListener((request) => administration.fetch(request))
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    const owner = hosted.find((server) => server.owns(path))
    if (owner !== undefined) return owner.handler(request, response)
    if (path.startsWith('/api/v1/')) return void administer(request, response)
    if (path === '/healthz') return answerText(response, 200, 'ok')
    if (path === '/readyz') return void answerReadiness(response, readiness)
    issuer.handler(request, response)
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

/** The web-standard handler of a Resource AS behind a Node listener. */
export function webListener(server: ResourceAuthorizationServer): HostedListener {
  const listener = getRequestListener((request, { incoming }) =>
    server.fetch(request, 'socket' in incoming ? (incoming.socket?.remoteAddress ?? '') : ''),
  )
  return {
    owns: (pathname) => server.owns(pathname),
    handler: (request, response) => void listener(request, response),
  }
}

/** The guard in front of plain `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Answer } from './answers/answer.ts'
import { authInfoOf, type CallerAuthInfo } from './auth-info.ts'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import type { RequestFacts } from './request-facts.ts'

/** Where the MCP SDK's Node transport looks for who calls. */
export type AuthenticatedMessage = IncomingMessage & { auth?: CallerAuthInfo }

/**
 * Admits a request, or answers it.
 *
 * @returns the caller, or `undefined` when the request has been answered
 */
export async function enterNode(
  guard: Guard,
  request: AuthenticatedMessage,
  response: ServerResponse,
): Promise<Caller | undefined> {
  const facts = nodeFacts(request)
  const metadata = guard.answerMetadata(facts)
  if (metadata !== undefined) {
    sendAnswer(response, metadata)
    return undefined
  }
  const entry = await guard.enter(facts)
  if (!entry.ok) {
    sendAnswer(response, entry.refusal)
    return undefined
  }
  hideToken(request)
  request.auth = authInfoOf(entry.value)
  limitNode(guard, response, entry.value)
  return entry.value
}

/** Several headers of one name arrive as one value, so that two `Authorization` headers are not mistaken for one. */
export function nodeFacts({ method = 'GET', url = '/', headersDistinct }: IncomingMessage): RequestFacts {
  return { method, url, headers: { get: (name) => headersDistinct[name]?.join(', ') ?? null } }
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers })
  response.end(body)
}

/** From here on the access token is nobody's business. */
function hideToken(request: IncomingMessage): void {
  delete request.headers.authorization
  delete request.headersDistinct.authorization
  request.rawHeaders = request.rawHeaders.filter((_, at, all) => all[at - (at % 2)]?.toLowerCase() !== 'authorization')
}

/** Ends a response that is still open when the caller's access ends. */
export function limitNode(guard: Guard, response: ServerResponse, caller: Caller): void {
  const end = () => {
    // Whoever goes on writing must not bring the process down.
    response.on('error', () => {})
    response.end()
  }
  const unwatch = guard.watch(caller, end, () => response.headersSent)
  response.once('close', unwatch)
}

/**
 * A Node request listener for a web-standard handler. The body is read when, and if, the handler reads it.
 */
export function toNodeListener(
  handler: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    serve(handler, request, response).catch(() => response.destroy())
  }
}

async function serve(
  handler: (request: Request) => Promise<Response>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const answer = await handler(toRequest(request, gone.signal))
  if (response.destroyed) return void (await answer.body?.cancel())
  response.writeHead(answer.status, [...answer.headers].flat())
  response.flushHeaders()
  if (answer.body === null) response.end()
  else await pipeline(Readable.fromWeb(answer.body), response)
}

function toRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', headers, headersDistinct } = request
  // Only for parsing: what we are called is configuration.
  const url = new URL(request.url ?? '/', `http://${headers.host ?? 'localhost'}`)
  const pairs = Object.entries(headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  )
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const init = { method, headers: pairs, signal, ...(hasBody && { body: Readable.toWeb(request), duplex: 'half' }) }
  return new Request(url, init as RequestInit)
}

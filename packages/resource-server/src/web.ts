/** The guard in front of a web-standard request handler. */
import type { Answer } from './answers/answer.ts'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'

export type GuardedHandler = (request: Request, caller: Caller) => Promise<Response> | Response

/**
 * Serves the protected resource metadata, admits requests, and ends what streams when access ends.
 *
 * The handler decides about tools itself, with `guard.authorizeTool`; `@carnet/resource-server/mcp` does it for MCP servers.
 *
 * @param handler - receives a request that holds the token nowhere, so that it cannot be passed on
 */
export function guardFetch(guard: Guard, handler: GuardedHandler): (request: Request) => Promise<Response> {
  return async (request) => {
    const metadata = guard.answerMetadata(request)
    if (metadata !== undefined) return toResponse(metadata)
    const entry = await guard.enter(request)
    if (!entry.ok) return toResponse(entry.refusal)
    return guard.limit(await handler(withoutToken(request), entry.value), entry.value)
  }
}

export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === '' ? null : body, { status, headers })
}

/** The request as the application sees it: the access token is nobody's business further in. */
export function withoutToken(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.delete('authorization')
  return new Request(request, { headers })
}

/** The guard as Express middleware. */
import type { Request, RequestHandler, Response } from 'express'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import { enterNode, nodeFacts, sendAnswer } from './node.ts'

/**
 * Serves the protected resource metadata, admits requests, and ends what streams when access ends.
 *
 * Mount it before the routes it guards, at the root of the application. Where `express.json()` runs before it,
 * JSON-RPC tool calls are checked too; otherwise the handler does it with `guard.authorizeTool`.
 */
export function guardExpress(guard: Guard): RequestHandler {
  return (request, response, next) => {
    admit(guard, request, response).then((admitted) => {
      if (admitted) next()
    }, next)
  }
}

/** Who calls, behind `guardExpress`. */
export function callerOf(response: Response): Caller {
  return response.locals[CALLER] as Caller
}

const CALLER = 'carnetCaller'

async function admit(guard: Guard, request: Request, response: Response): Promise<boolean> {
  const caller = await enterNode(guard, request, response)
  if (caller === undefined) return false
  response.locals[CALLER] = caller
  if (request.body === undefined) return true
  const body = await guard.checkBody(caller, nodeFacts(request), request.body)
  if (!body.ok) sendAnswer(response, body.refusal)
  return body.ok
}

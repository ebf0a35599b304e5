/** The guard as Hono middleware. */
import type { MiddlewareHandler } from 'hono'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import { toResponse, withoutToken } from './web.ts'

/** What `c.get('caller')` gives behind `guardHono`. */
export interface GuardVariables {
  caller: Caller
}

/**
 * Serves the protected resource metadata, admits requests, and ends what streams when access ends.
 *
 * The handler decides about tools itself, with `guard.authorizeTool(c.get('caller'), tool)`.
 */
export function guardHono(guard: Guard): MiddlewareHandler<{ Variables: GuardVariables }> {
  return async (context, next) => {
    const metadata = guard.answerMetadata(context.req.raw)
    if (metadata !== undefined) return toResponse(metadata)
    const entry = await guard.enter(context.req.raw)
    if (!entry.ok) return toResponse(entry.refusal)
    context.req.raw = withoutToken(context.req.raw)
    context.set('caller', entry.value)
    await next()
    context.res = guard.limit(context.res, entry.value)
    return undefined
  }
}

/**
 * A caller in the shape in which the MCP TypeScript SDK hands authentication to tool handlers
 * (`ctx.http.authInfo`).
 *
 * Its `token` is a fixed text: a handler cannot pass on what it was never given.
 */
import { metadataUrl } from './answers/metadata.ts'
import type { Caller } from './caller.ts'

export interface CallerAuthInfo {
  token: string
  clientId: string
  scopes: string[]
  expiresAt: number
  resource: URL
  resourceMetadataUrl: string
  extra: Record<string, unknown>
}

const CALLER = 'carnet/caller'

export function authInfoOf(caller: Caller): CallerAuthInfo {
  return {
    token: 'withheld',
    clientId: caller.client,
    scopes: [...caller.scopes],
    expiresAt: caller.expiresAt,
    resource: new URL(caller.resource),
    resourceMetadataUrl: metadataUrl(caller.resource),
    extra: { [CALLER]: caller },
  }
}

/** The caller of a tool call: pass the handler's second argument. */
export function callerOf(context: {
  readonly http?: { readonly authInfo?: { readonly extra?: Readonly<Record<string, unknown>> } } | undefined
}): Caller | undefined {
  return callerIn(context.http?.authInfo)
}

export function callerIn(
  authInfo: { readonly extra?: Readonly<Record<string, unknown>> } | undefined,
): Caller | undefined {
  // INVARIANT (caller in extra): only `authInfoOf` writes this member.
  return authInfo?.extra?.[CALLER] as Caller | undefined
}

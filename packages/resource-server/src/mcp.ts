/**
 * The guard around a server built with the MCP TypeScript SDK v2.
 *
 * Every tool call is checked before the SDK sees the request, each one of a batch included; lists show only the tools
 * the caller may call; who calls is in `callerOf(ctx)`.
 */
import { accept, boundedText, EMA_EXTENSION, type Result, refuse } from '@carnet/protocol'
import {
  type CreateMcpHandlerOptions,
  createMcpHandler,
  type McpHttpHandler,
  McpServer,
  type McpServerFactory,
  type Server,
} from '@modelcontextprotocol/server'
import { authInfoOf, callerIn } from './auth-info.ts'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import { toResponse } from './web.ts'

export { callerOf } from './auth-info.ts'

const MAX_BODY = 4 * 1024 * 1024

/**
 * A guarded MCP endpoint with its protected resource metadata.
 *
 * @param factory - makes a server for each request, as for the SDK's `createMcpHandler`
 */
export function createGuardedMcpHandler(
  guard: Guard,
  factory: McpServerFactory,
  options: CreateMcpHandlerOptions = {},
): McpHttpHandler {
  const handler = createMcpHandler(scopedFactory(guard, factory), options)
  const maxBody = options.maxRequestBodySize ?? MAX_BODY
  return {
    ...handler,
    async fetch(request) {
      const metadata = guard.answerMetadata(request)
      if (metadata !== undefined) return toResponse(metadata)
      const entry = await guard.enter(request)
      if (!entry.ok) return toResponse(entry.refusal)
      return guard.limit(await serve(guard, handler, entry.value, request, maxBody), entry.value)
    },
  }
}

async function serve(
  guard: Guard,
  handler: McpHttpHandler,
  caller: Caller,
  request: Request,
  maxBody: number,
): Promise<Response> {
  const text = await boundedText(request.body, maxBody)
  if (text === undefined) return new Response(null, { status: 413 })
  const authInfo = authInfoOf(caller)
  if (text === '') return handler.fetch(inner(request, text), { authInfo })
  const body = parsed(text)
  // Another parser may make a call of what ours cannot read, so it is never left to one.
  if (!body.ok) return notJson()
  const verdict = await guard.checkBody(caller, request, body.value)
  if (!verdict.ok) return toResponse(verdict.refusal)
  // What was checked is what is served: the parsed body goes along.
  return handler.fetch(inner(request, text), { authInfo, parsedBody: body.value })
}

/** The request as the SDK and the tools see it, without the token. */
function inner({ url, method, headers, signal }: Request, text: string): Request {
  const own = new Headers(headers)
  own.delete('authorization')
  return new Request(url, { method, headers: own, signal, ...(text !== '' && { body: text }) })
}

function parsed(text: string): Result<unknown, undefined> {
  try {
    return accept(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(undefined)
    throw error
  }
}

const PARSE_ERROR = { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error: Invalid JSON' } } as const

function notJson(): Response {
  return Response.json(PARSE_ERROR, { status: 400, headers: { 'cache-control': 'no-store' } })
}

/** Servers that announce the extension and list to each caller only what it may call. */
function scopedFactory(guard: Guard, factory: McpServerFactory): McpServerFactory {
  return async (context) => {
    const product = await factory(context)
    const server = product instanceof McpServer ? product.server : product
    server.registerCapabilities({ extensions: { [EMA_EXTENSION]: {} } })
    const caller = callerIn(context.authInfo)
    listOnly(product, (tool) => caller !== undefined && guard.permits(caller, tool))
    return product
  }
}

type Connectable = McpServer | Server
type Message = Parameters<NonNullable<Server['transport']>['send']>[0]

function listOnly(product: Connectable, permits: (tool: string) => boolean): void {
  const connect = product.connect.bind(product)
  product.connect = async (transport) => {
    const send = transport.send.bind(transport)
    transport.send = (message, options) => send(withPermittedTools(message, permits), options)
    await connect(transport)
  }
}

/** A list made for one caller must not be kept for another. */
function withPermittedTools(message: Message, permits: (tool: string) => boolean): Message {
  if (!('result' in message) || !Array.isArray(message.result.tools)) return message
  const tools = message.result.tools.filter(({ name }) => typeof name === 'string' && permits(name))
  const shared = message.result.cacheScope === undefined ? {} : { cacheScope: 'private' }
  return { ...message, result: { ...message.result, tools, ...shared } }
}

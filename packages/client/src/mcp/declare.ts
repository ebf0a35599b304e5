/**
 * Declares Enterprise-Managed Authorization in the client capabilities of every request.
 *
 * Revisions with a handshake read them from `initialize`, later ones from the `_meta` of each request; a client
 * library that knows only one of the two is helped along.
 */
import { EMA_EXTENSION } from '@carnet/protocol'

const CAPABILITIES_META = 'io.modelcontextprotocol/clientCapabilities'

/** Client capabilities with the extension in them, for the `capabilities` option of the SDK's `Client`. */
export function withEnterpriseManaged<Capabilities extends object>(
  capabilities: Capabilities,
): Capabilities & { extensions: Record<string, Record<string, never>> } {
  const declared = 'extensions' in capabilities ? capabilities.extensions : undefined
  return { ...capabilities, extensions: { ...(isRecord(declared) ? declared : {}), [EMA_EXTENSION]: {} } }
}

/** The body of an MCP request with the extension declared; anything that is not a JSON-RPC request is left alone. */
export function declaredIn(body: string): string {
  let message: unknown
  try {
    message = JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return body
    throw error
  }
  const declared = Array.isArray(message) ? message.map(declaredInMessage) : declaredInMessage(message)
  return JSON.stringify(declared)
}

function declaredInMessage(message: unknown): unknown {
  if (!isRecord(message) || typeof message.method !== 'string' || message.id === undefined) return message
  const params = record(message.params)
  if (message.method === 'initialize') {
    return { ...message, params: { ...params, capabilities: withEnterpriseManaged(record(params.capabilities)) } }
  }
  const meta = record(params._meta)
  const declared = { ...meta, [CAPABILITIES_META]: withEnterpriseManaged(record(meta[CAPABILITIES_META])) }
  return { ...message, params: { ...params, _meta: declared } }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

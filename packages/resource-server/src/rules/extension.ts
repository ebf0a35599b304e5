/**
 * Refuses a request whose client did not declare the extension this server requires.
 *
 * A client of the 2026-07-28 revision declares its capabilities with every request; an older one did so once, in
 * `initialize`. `server/discover` is answered to everyone, for it is how a client learns what to declare.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning MCP, per-request capabilities}
 */
import { accept, EMA_EXTENSION, type Result, refuse } from '@carnet/protocol'
import type { ExtensionRefusal } from '../refusals.ts'

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const FIRST_REVISION_WITHOUT_HANDSHAKE = '2026-07-28'

/**
 * @param message - one JSON-RPC message: attacker-controlled
 * @param protocolVersion - the `MCP-Protocol-Version` header
 */
export function checkExtension(message: unknown, protocolVersion: string | null): Result<undefined, ExtensionRefusal> {
  const { method, params } = asObject(message)
  if (typeof method !== 'string' || method === 'server/discover' || method.startsWith('notifications/')) return accept()
  const { _meta, capabilities } = asObject(params)
  const declared = method === 'initialize' ? capabilities : asObject(_meta)[CAPABILITIES]
  if (declared === undefined && shookHands(method, protocolVersion)) return accept()
  return declares(declared) ? accept() : refuse({ reason: 'extension-undeclared' })
}

function declares(capabilities: unknown): boolean {
  return asObject(asObject(capabilities).extensions)[EMA_EXTENSION] !== undefined
}

/** Revisions are dates, so they compare as text. */
function shookHands(method: string, protocolVersion: string | null): boolean {
  return method !== 'initialize' && protocolVersion !== null && protocolVersion < FIRST_REVISION_WITHOUT_HANDSHAKE
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

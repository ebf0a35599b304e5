/** Checks the JSON-RPC messages of one request before any of them is acted on. */
import { accept, type Result, refuse, type Scope } from '@carnet/protocol'
import type { Caller } from './caller.ts'
import type { MessageRefusal } from './refusals.ts'
import { checkExtension } from './rules/extension.ts'
import { checkTool, type ScopeRules } from './rules/scope-rules.ts'

export interface MessageContext {
  readonly rules: ScopeRules
  readonly requireExtension: boolean
  /** The `MCP-Protocol-Version` header. */
  readonly protocolVersion: string | null
}

export interface ToolCall {
  readonly tool: string
  readonly needed: readonly Scope[]
}

export type MessagesVerdict = Result<readonly ToolCall[], MessageRefusal & { readonly id: string | number | null }>

/**
 * @param body - the parsed body, a message or a batch of them: attacker-controlled
 * @returns the tool calls in it, or why the whole request is refused: one refused call refuses its batch
 */
export function checkMessages(caller: Caller, body: unknown, context: MessageContext): MessagesVerdict {
  const calls: ToolCall[] = []
  for (const message of Array.isArray(body) ? body : [body]) {
    const { id, method, params } = fieldsOf(message)
    if (context.requireExtension) {
      const declared = checkExtension(message, context.protocolVersion)
      if (!declared.ok) return refuse({ ...declared.refusal, id })
    }
    if (method !== 'tools/call') continue
    const tool = toolName(params)
    const needed = checkTool(tool, caller.scopes, context.rules)
    if (!needed.ok) return refuse({ ...needed.refusal, id })
    calls.push({ tool, needed: needed.value })
  }
  return accept(calls)
}

function fieldsOf(message: unknown): { id: string | number | null; method: unknown; params: unknown } {
  const { id, method, params } = isObject(message) ? message : {}
  return { id: typeof id === 'string' || typeof id === 'number' ? id : null, method, params }
}

/** What is not a name is a tool nobody has. */
function toolName(params: unknown): string {
  const { name } = isObject(params) ? params : {}
  return typeof name === 'string' ? name : ''
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

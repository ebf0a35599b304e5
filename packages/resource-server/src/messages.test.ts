import type { Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { alice } from '../test/fixture/caller.ts'
import { checkMessages } from './messages.ts'
import { scopeRules } from './rules/scope-rules.ts'

const rules = scopeRules({ read: ['chat.read' as Scope], write: ['chat.write' as Scope] }, {})
const context = { rules, requireExtension: false, protocolVersion: null }
const call = (id: number | string, name: unknown) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } })

describe('a request', () => {
  test('with one permitted call is let through, and the call is told', () => {
    expect(checkMessages(alice, call(1, 'read'), context)).toEqual({
      ok: true,
      value: [{ tool: 'read', needed: ['chat.read'] }],
    })
  })

  test('with a batch is refused whole for one call that is not permitted, and its id is told', () => {
    const batch = [call(1, 'read'), call('two', 'write'), call(3, 'read')]
    expect(checkMessages(alice, batch, context)).toMatchObject({
      ok: false,
      refusal: { reason: 'insufficient-scope', tool: 'write', id: 'two' },
    })
  })

  test('that calls what is no tool name calls an unknown tool', () => {
    for (const name of [undefined, null, 1, ['read'], { toString: 'read' }]) {
      expect(checkMessages(alice, call(1, name), context)).toMatchObject({ refusal: { reason: 'unknown-tool' } })
    }
    expect(checkMessages(alice, { id: {}, method: 'tools/call' }, context)).toMatchObject({ refusal: { id: null } })
  })

  test('that calls no tool is let through', () => {
    for (const body of [null, 'text', 1, [], [null], { method: 'tools/list' }, { method: ['tools/call'] }]) {
      expect(checkMessages(alice, body, context)).toEqual({ ok: true, value: [] })
    }
  })

  proves('RS-14', 'must declare the extension in every message, when it is required', () => {
    const required = { ...context, requireExtension: true, protocolVersion: '2026-07-28' }
    const batch = [
      { method: 'server/discover', id: 1 },
      { method: 'tools/list', id: 2 },
    ]
    expect(checkMessages(alice, batch, required)).toMatchObject({ refusal: { reason: 'extension-undeclared', id: 2 } })
    expect(checkMessages(alice, batch, context).ok).toBe(true)
  })
})

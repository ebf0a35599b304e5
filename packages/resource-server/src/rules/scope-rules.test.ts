import type { Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { checkTool, scopeRules } from './scope-rules.ts'

const scopes = (...names: string[]) => names as Scope[]
const rules = scopeRules(
  { 'chat.list': scopes('chat.read'), 'chat.move': scopes('chat.read', 'chat.write'), ping: [] },
  { 'chat.admin': scopes('chat.write'), 'chat.write': scopes('chat.read'), loop: scopes('loop', 'chat.admin') },
)

describe('a tool', () => {
  proves('RS-08', 'that needs two scopes names both, even when one is held', () => {
    for (const held of [scopes(), scopes('chat.read')]) {
      expect(checkTool('chat.move', held, rules)).toEqual({
        ok: false,
        refusal: { reason: 'insufficient-scope', tool: 'chat.move', needed: ['chat.read', 'chat.write'] },
      })
    }
  })

  proves('RS-08', 'that needs two scopes opens with both', () => {
    expect(checkTool('chat.move', scopes('chat.write', 'chat.read'), rules).ok).toBe(true)
  })

  proves('RS-09', 'opens with a broader scope', () => {
    expect(checkTool('chat.list', scopes('chat.write'), rules).ok).toBe(true)
  })

  proves('RS-09', 'opens with a scope that is broader at two removes', () => {
    expect(checkTool('chat.move', scopes('chat.admin'), rules).ok).toBe(true)
    expect(checkTool('chat.move', scopes('loop'), rules).ok).toBe(true)
  })

  proves('RS-08', 'does not open with a narrower scope, or one that merely begins alike', () => {
    for (const held of ['chat.read', 'chat', 'chat.write2', 'CHAT.WRITE']) {
      expect(checkTool('chat.move', scopes(held), rules).ok).toBe(false)
    }
  })

  test('that was declared to need nothing opens to every caller', () => {
    expect(checkTool('ping', [], rules).ok).toBe(true)
  })

  test('that was not declared opens to nobody, whatever it is called', () => {
    for (const tool of ['chat.drop', '', 'constructor', '__proto__', 'toString']) {
      expect(checkTool(tool, scopes('loop'), rules)).toEqual({ ok: false, refusal: { reason: 'unknown-tool', tool } })
    }
  })
})

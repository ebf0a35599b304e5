import { EMA_EXTENSION } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect } from 'vitest'
import { checkExtension } from './extension.ts'

const META = 'io.modelcontextprotocol/clientCapabilities'
const with_ = { extensions: { [EMA_EXTENSION]: {} } }
const without = { extensions: { 'io.modelcontextprotocol/skills': {} } }
const call = (capabilities?: unknown) => ({ method: 'tools/list', params: { _meta: { [META]: capabilities } } })

describe('a server that requires the extension', () => {
  const MODERN = '2026-07-28'
  for (const [title, message] of [
    ['declares other extensions only', call(without)],
    ['declares no capabilities', call()],
    ['declares them as something else', call('everything')],
    ['sends no parameters at all', { method: 'tools/list' }],
    ['shakes hands without it', { method: 'initialize', params: { capabilities: without } }],
    ['shakes hands with nothing', { method: 'initialize', params: {} }],
  ] as const) {
    proves('RS-14', `refuses a client that ${title}`, () => {
      expect(checkExtension(message, MODERN)).toEqual({ ok: false, refusal: { reason: 'extension-undeclared' } })
    })
  }

  proves('RS-14', 'refuses a client that says nothing of its revision', () => {
    expect(checkExtension({ method: 'tools/list' }, null).ok).toBe(false)
  })

  proves('RS-14', 'does not take the word of an old revision over what the request itself declares', () => {
    expect(checkExtension(call(without), '2025-11-25').ok).toBe(false)
  })

  for (const [title, message, version] of [
    ['that declares it', call(with_), MODERN],
    ['that shakes hands with it', { method: 'initialize', params: { capabilities: with_ } }, null],
    ['that shook hands before', { method: 'tools/list' }, '2025-11-25'],
    ['that asks what to declare', { method: 'server/discover' }, MODERN],
    ['that only notifies', { method: 'notifications/cancelled' }, MODERN],
    ['that answers a request of ours', { id: 1, result: {} }, MODERN],
  ] as const) {
    proves('RS-14', `hears a client ${title}`, () => {
      expect(checkExtension(message, version).ok).toBe(true)
    })
  }
})

import { EMA_EXTENSION } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { declaredIn, withEnterpriseManaged } from './declare.ts'

const META = 'io.modelcontextprotocol/clientCapabilities'
const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'post' } }

proves('CLI-22', 'declares the extension in _meta of every request, beside what is there', () => {
  const capabilities = { roots: {}, extensions: { other: {} } }
  const body = { ...request, params: { name: 'post', _meta: { progressToken: 7, [META]: capabilities } } }
  expect(JSON.parse(declaredIn(JSON.stringify(body))).params._meta).toEqual({
    progressToken: 7,
    [META]: { roots: {}, extensions: { other: {}, [EMA_EXTENSION]: {} } },
  })
  expect(JSON.parse(declaredIn(JSON.stringify([request])))[0].params._meta[META].extensions).toEqual({
    [EMA_EXTENSION]: {},
  })
})

proves('CLI-22', 'declares the extension in the handshake of earlier revisions', () => {
  const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { capabilities: { roots: {} } } }
  expect(JSON.parse(declaredIn(JSON.stringify(initialize))).params.capabilities).toEqual({
    roots: {},
    extensions: { [EMA_EXTENSION]: {} },
  })
})

proves('CLI-22', 'offers the capabilities for a client library to send itself', () => {
  expect(withEnterpriseManaged({ sampling: {} })).toEqual({ sampling: {}, extensions: { [EMA_EXTENSION]: {} } })
})

test('what is no request is left as it is', () => {
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' }
  const answer = { jsonrpc: '2.0', id: 1, result: {} }
  for (const body of [JSON.stringify(notification), JSON.stringify(answer), 'not json']) {
    expect(declaredIn(body)).toBe(body)
  }
})

import type { ClientId, EpochSeconds, IssuerId, Subject } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { accessKey, renewalTime } from './access-cache.ts'

const identity = { issuer: 'https://idp.acme.test' as IssuerId, subject: 'alice' as Subject } as Parameters<
  typeof accessKey
>[0]
const at = (issuer: string, id: string) => ({
  issuer: issuer as IssuerId,
  credentials: { id: id as ClientId, secret: undefined, privateKey: undefined },
})

proves('CLI-15a', 'keeps tokens apart by person, authorization server, resource and client', () => {
  const keys = [
    accessKey(identity, at('https://r.test', 'a'), 'https://s.test/mcp'),
    accessKey({ ...identity, subject: 'bob' as Subject }, at('https://r.test', 'a'), 'https://s.test/mcp'),
    accessKey(
      { ...identity, issuer: 'https://idp.beta.test' as IssuerId },
      at('https://r.test', 'a'),
      'https://s.test/mcp',
    ),
    accessKey(identity, at('https://r2.test', 'a'), 'https://s.test/mcp'),
    accessKey(identity, at('https://r.test', 'b'), 'https://s.test/mcp'),
    accessKey(identity, at('https://r.test', 'a'), 'https://s.test/files'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('a token is renewed before it ends, and not much before', () => {
  expect(renewalTime(1000 as EpochSeconds, 600)).toBe(1540)
  expect(renewalTime(1000 as EpochSeconds, 100)).toBe(1080)
})

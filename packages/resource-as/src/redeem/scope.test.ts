import { type Scope, SOLE_TENANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { READ, S, WRITE } from '../../test/fixture.ts'
import type { GovernedResource } from '../ports.ts'
import { narrowScope, type ScopeQuestion } from './scope.ts'

const offline = 'offline_access' as Scope
const chat: GovernedResource = {
  tenant: SOLE_TENANT,
  id: S,
  scopes: [READ, WRITE],
  minimumScopes: [READ],
  tokenLifetimeSeconds: 600,
}
const everything = [READ, WRITE, offline]

function narrow(question: Partial<ScopeQuestion>) {
  return narrowScope({
    claimed: 'chat.read chat.write',
    requested: undefined,
    resource: chat,
    registered: everything,
    ceiling: everything,
    unknownScopes: 'refuse',
    ...question,
  })
}
const granted = (...scopes: Scope[]) => ({ ok: true, value: scopes })
const refused = (reason: string) => ({ ok: false, refusal: { reason } })

proves('RAS-24', 'grants the whole claim where nothing is requested', () => {
  expect(narrow({})).toEqual(granted(READ, WRITE))
})

proves('RAS-24', 'narrows the claim to the request', () => {
  expect(narrow({ requested: 'chat.read' })).toEqual(granted(READ))
})

proves('RAS-24', 'never grants more than the claim', () => {
  expect(narrow({ claimed: 'chat.read', requested: 'chat.read chat.write' })).toEqual(granted(READ))
})

proves('RAS-24', 'narrows to what the client is registered for', () => {
  expect(narrow({ registered: [WRITE] })).toEqual(granted(WRITE))
})

proves('RAS-24', 'refuses where nothing is left', () => {
  expect(narrow({ claimed: 'chat.read', requested: 'chat.write' })).toMatchObject(refused('nothing-granted'))
})

proves('RAS-24', 'grants the configured minimum where the assertion claims no scope', () => {
  expect(narrow({ claimed: undefined })).toEqual(granted(READ))
  expect(narrow({ claimed: undefined, requested: 'chat.write' })).toMatchObject(refused('nothing-granted'))
})

proves('RAS-22', "grants nothing beyond the issuer's ceiling", () => {
  expect(narrow({ ceiling: [READ] })).toEqual(granted(READ))
})

proves('RAS-23', 'refuses a claim with a scope the resource does not have, and keeps which on record', () => {
  expect(narrow({ claimed: 'chat.read bogus' })).toEqual({
    ok: false,
    refusal: { reason: 'unknown-scope', scopes: ['bogus'] },
  })
})

proves('RAS-23', 'drops it where that is entered for the issuer', () => {
  expect(narrow({ claimed: 'chat.read bogus', unknownScopes: 'drop', ceiling: [READ, 'bogus' as Scope] })).toEqual(
    granted(READ),
  )
})

proves('RAS-34', 'never grants offline_access, even where a resource was given it by mistake', () => {
  const resource = { ...chat, scopes: everything }
  expect(narrow({ claimed: 'chat.read offline_access', requested: 'chat.read offline_access', resource })).toEqual(
    granted(READ),
  )
})

test('ignores offline_access in a claim', () => {
  expect(narrow({ claimed: 'chat.read offline_access' })).toEqual(granted(READ))
})

test('tells a malformed request from a malformed claim', () => {
  expect(narrow({ requested: 'chat.read\n' })).toMatchObject(refused('malformed-requested-scope'))
  expect(narrow({ claimed: 'chat.read  x' })).toMatchObject(refused('malformed-claimed-scope'))
})

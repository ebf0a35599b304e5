import { Fault, type Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { SeededRandom } from '@carnet/testing'
import { expect } from 'vitest'
import { resources, trustIdp } from '../test/fixture.ts'
import { checkGovernedResource, checkTrustedIssuer, newClientCredentials } from './registration-rules.ts'

proves('RAS-06', 'makes ids and secrets that are the same raw and form-encoded, and no URL', () => {
  const random = new SeededRandom('clients')
  for (let n = 0; n < 200; n++) {
    const { id, secret } = newClientCredentials(random)
    for (const value of [id, secret]) expect(new URLSearchParams({ value }).toString()).toBe(`value=${value}`)
    expect(id.startsWith('https://')).toBe(false)
    expect(Buffer.from(secret, 'base64url').length).toBeGreaterThanOrEqual(32)
  }
})

const [resource] = resources
for (const [what, change] of [
  ['a token life under a minute', { tokenLifetimeSeconds: 59 }],
  ['a token life over an hour', { tokenLifetimeSeconds: 3601 }],
] as const) {
  proves('RAS-33', `registers no resource with ${what}`, () => {
    expect(() => resource && checkGovernedResource({ ...resource, ...change })).toThrow(Fault)
  })
}

proves('RAS-34', 'registers no resource with offline_access', () => {
  const scopes = ['offline_access' as Scope]
  expect(() => resource && checkGovernedResource({ ...resource, scopes, minimumScopes: [] })).toThrow(Fault)
})

proves('RAS-22', 'enters no issuer without algorithms or with an endless assertion life', () => {
  expect(() => checkTrustedIssuer({ ...trustIdp, algorithms: [] })).toThrow(Fault)
  expect(() => checkTrustedIssuer({ ...trustIdp, maxLifetimeSeconds: 3601 })).toThrow(Fault)
})

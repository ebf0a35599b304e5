import { Fault, type KeyId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { FixedClock } from '@carnet/testing'
import { generateSigningKey, publicJwks, type SigningKey } from '@carnet/tokens'
import { expect, test } from 'vitest'
import { outbound, routes, startPeer } from '../test/peer.ts'
import { createRemoteKeySource, createRemoteKeySources } from './index.ts'

const METADATA = '/.well-known/oauth-authorization-server'
const one = await generateSigningKey('ES256', { kid: 'one' })
const two = await generateSigningKey('ES256', { kid: 'two' })

/** An issuer that publishes keys, and a source that follows it by a clock that stands still. */
async function following(...keys: SigningKey[]) {
  const peer = await startPeer()
  const clock = new FixedClock()
  const http = outbound()
  const publish = (...published: SigningKey[]) => {
    const metadata = { issuer: peer.url, token_endpoint: `${peer.url}/token`, jwks_uri: `${peer.url}/jwks` }
    peer.answer = routes({ [METADATA]: metadata, '/jwks': publicJwks(published) })
  }
  publish(...keys)
  const source = createRemoteKeySource({ issuer: peer.url, http, clock })
  return {
    peer,
    clock,
    http,
    publish,
    fetches: () => peer.count('/jwks'),
    find: async (kid: string) => (await source.find(kid as KeyId, 'ES256'))?.kid,
  }
}

proves('DISC-11', 'fetches keys once and uses them until their bound', async () => {
  const { find, clock, fetches } = await following(one)
  expect(await find('one')).toBe('one')
  clock.advance(449)
  expect(await find('one')).toBe('one')
  expect(fetches()).toBe(1)
})

proves('DISC-11', 'fetches keys again once their bound is reached', async () => {
  const { find, clock, fetches, publish } = await following(one)
  await find('one')
  publish(two)
  clock.advance(600)
  expect(await find('one')).toBeUndefined()
  expect(fetches()).toBeGreaterThan(1)
})

proves('DISC-11', 'keeps the last good copy through a failed refresh, but only until its bound', async () => {
  const { find, clock, peer } = await following(one)
  await find('one')
  peer.answer = routes({ [METADATA]: 503 })
  clock.advance(599)
  expect(await find('one')).toBe('one')
  clock.advance(1)
  await expect(find('one')).rejects.toMatchObject({ code: 'keys-unavailable' })
})

proves('DISC-11', 'drops the keys of an issuer whose metadata now names another, before their bound', async () => {
  const { find, clock, peer, publish } = await following(one)
  await find('one')
  const evil = { issuer: 'https://idp.evil.test', token_endpoint: `${peer.url}/token`, jwks_uri: `${peer.url}/jwks` }
  peer.answer = routes({ [METADATA]: evil, '/jwks': publicJwks([one]) })
  clock.advance(450)
  await find('one')
  await expect.poll(() => find('one').catch((error: Fault) => error.code)).toBe('keys-unavailable')
  publish(one)
  clock.advance(30)
  expect(await find('one')).toBe('one')
})

proves('RAS-12', 'asks again for a key id it does not know, at most once per cool-down', async () => {
  const { find, clock, fetches, publish } = await following(one)
  await find('one')
  publish(one, two)
  expect(await find('two')).toBe('two')
  expect(fetches()).toBe(2)
  for (let flood = 0; flood < 20; flood++) expect(await find(`unknown-${flood}`)).toBeUndefined()
  clock.advance(29)
  expect(await find('unknown')).toBeUndefined()
  expect(fetches()).toBe(2)
  clock.advance(1)
  expect(await find('unknown')).toBeUndefined()
  expect(fetches()).toBe(3)
})

proves('RAS-12', 'asks once for all who ask at the same time', async () => {
  const { find, fetches } = await following(one)
  expect(await Promise.all(Array.from({ length: 20 }, () => find('one')))).toEqual(Array(20).fill('one'))
  expect(fetches()).toBe(1)
  await Promise.all(Array.from({ length: 20 }, (_, index) => find(`unknown-${index}`)))
  expect(fetches()).toBe(2)
})

proves('RAS-12', 'keeps the keys of two issuers apart, also where both use the same key id', async () => {
  const first = await following(one)
  const second = await following({ ...two, kid: one.kid })
  const keysOf = createRemoteKeySources({ http: first.http, clock: first.clock })
  const found = await Promise.all(
    [first, second].map(({ peer }) => keysOf({ issuer: peer.url }).find(one.kid, 'ES256')),
  )
  expect(found.map((key) => key?.publicKey.equals(one.publicKey))).toEqual([true, false])
  expect(keysOf({ issuer: first.peer.url })).toBe(keysOf({ issuer: first.peer.url }))
})

test('a key that cannot be asked for is a fault, not an unknown key', async () => {
  const { find, peer, clock } = await following(one)
  await find('one')
  peer.answer = routes({ [METADATA]: 500 })
  await expect(find('two')).rejects.toMatchObject({ code: 'keys-unavailable' })
  await expect(find('two')).rejects.toMatchObject({ code: 'keys-unavailable' })
  expect(peer.count(METADATA)).toBe(2)
  expect(await find('one')).toBe('one')
  clock.advance(30)
  await expect(find('two')).rejects.toMatchObject({ code: 'keys-unavailable' })
  expect(peer.count(METADATA)).toBe(3)
})

test('a peer that is down is asked again after a short pause', async () => {
  const { find, peer, publish, clock } = await following(one)
  peer.answer = routes({ [METADATA]: 500 })
  await expect(find('one')).rejects.toBeInstanceOf(Fault)
  publish(one)
  await expect(find('one')).rejects.toBeInstanceOf(Fault)
  clock.advance(5)
  expect(await find('one')).toBe('one')
})

const unusable = [
  ['a key set that is not there', { '/jwks': 404 }],
  ['a key set with one id twice', { '/jwks': { keys: [{ kid: 'x' }, { kid: 'x' }] } }],
  ['metadata that names no key set', { [METADATA]: { issuer: '', token_endpoint: '/token' } }],
  ['no metadata', { [METADATA]: 404 }],
] as const

for (const [what, change] of unusable) {
  test(`${what} means that keys are unavailable`, async () => {
    const { find, peer } = await following(one)
    const metadata = { issuer: peer.url, token_endpoint: `${peer.url}/token`, jwks_uri: `${peer.url}/jwks` }
    const changed = Object.entries(change).map(([path, answer]) => [
      path,
      typeof answer === 'object' && 'issuer' in answer ? { ...answer, issuer: peer.url } : answer,
    ])
    peer.answer = routes({ [METADATA]: metadata, '/jwks': publicJwks([one]), ...Object.fromEntries(changed) })
    await expect(find('one')).rejects.toMatchObject({ code: 'keys-unavailable' })
  })
}

test('a key set whose URL is configured needs no metadata', async () => {
  const { peer, clock, http } = await following(one)
  peer.answer = routes({ '/keys': publicJwks([one]) })
  const source = createRemoteKeySource({ issuer: peer.url, jwksUri: `${peer.url}/keys`, http, clock })
  expect((await source.find(one.kid, 'ES256'))?.kid).toBe('one')
  expect(await source.find(undefined, 'ES256')).toMatchObject({ kid: 'one' })
})

test('keys are renewed in the background before their bound, so that a rotation is met in time', async () => {
  const { find, clock, publish, peer, fetches } = await following(one)
  await find('one')
  publish(two)
  clock.advance(450)
  expect(await find('one')).toBe('one')
  await expect.poll(() => fetches()).toBe(2)
  await expect.poll(() => find('one')).toBeUndefined()
  expect(peer.count(METADATA)).toBe(fetches())
})

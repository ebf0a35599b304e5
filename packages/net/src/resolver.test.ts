import { promisify } from 'node:util'
import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { answering } from '../test/ssrf-vectors.ts'
import { pinningLookup, type Resolver, systemResolver } from './resolver.ts'

const policy = { allowInsecureLoopback: false, onlyHosts: undefined }
const PUBLIC = { address: '8.8.4.4', family: 4 } as const
const INSIDE = { address: '127.0.0.1', family: 4 } as const

/** A DNS server that changes its mind after the first answer. */
function rebinding(): Resolver & { asked(): number } {
  let asked = 0
  const resolve: Resolver = async () => [asked++ === 0 ? PUBLIC : INSIDE]
  return Object.assign(resolve, { asked: () => asked })
}

proves('THR-14', 'connects to the addresses that were judged and asks DNS no second time', async () => {
  const resolve = rebinding()
  const lookup = promisify(pinningLookup(resolve, policy))
  expect(await lookup('peer.example', { all: true })).toEqual([PUBLIC])
  expect(resolve.asked()).toBe(1)
})

proves('THR-14', 'judges the answer of every connection anew', async () => {
  const lookup = promisify(pinningLookup(rebinding(), policy))
  await lookup('peer.example', { all: true })
  await expect(lookup('peer.example', { all: true })).rejects.toThrow(/an address that is not allowed/)
})

test('gives one address to a caller that asks for one', async () => {
  const lookup = pinningLookup(answering('8.8.4.4', '2606:4700::1111'), policy)
  const answer = await new Promise((resolve) => lookup('peer.example', {}, (...args) => resolve(args)))
  expect(answer).toEqual([null, '8.8.4.4', 4])
})

test('a name without an address, and a resolver that fails, are faults of the peer', async () => {
  await expect(promisify(pinningLookup(answering(), policy))('peer.example', { all: true })).rejects.toThrow(Fault)
  const failing: Resolver = () => Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }))
  await expect(promisify(pinningLookup(failing, policy))('peer.example', { all: true })).rejects.toThrow('not found')
})

test('names under localhost are this machine', async () => {
  const addresses = (await systemResolver('peer.localhost')).map(({ address }) => address)
  expect(addresses).toContain('127.0.0.1')
})

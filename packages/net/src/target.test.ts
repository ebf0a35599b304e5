import { promisify } from 'node:util'
import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { answering, SSRF_VECTORS, type SsrfVector } from '../test/ssrf-vectors.ts'
import { pinningLookup } from './resolver.ts'
import { checkTarget, type TargetPolicy } from './target.ts'

const production: TargetPolicy = { allowInsecureLoopback: false, onlyHosts: undefined }
const development: TargetPolicy = { allowInsecureLoopback: true, onlyHosts: undefined }

/** What the whole guard says: the URL first, then what its name leads to. */
async function verdict({ url, resolves }: Pick<SsrfVector, 'url' | 'resolves'>, policy = production) {
  const target = checkTarget(url, policy)
  if (!target.ok) return target.refusal.reason
  if (resolves === undefined) return 'allowed'
  const lookup = promisify(pinningLookup(answering(...resolves), policy))
  return lookup(target.value.hostname, { all: true }).then(
    () => 'allowed',
    (error: unknown) => (error instanceof Fault ? 'address-not-allowed' : error),
  )
}

for (const vector of SSRF_VECTORS) {
  const { id, requirement, about, expected, reason } = vector
  proves(requirement, `${expected === 'allowed' ? 'allows' : 'refuses'} ${id}: ${about}`, async () => {
    expect(await verdict(vector)).toBe(reason ?? 'allowed')
  })
}

test('the corpus has at least 60 URLs, each under an id of its own', () => {
  expect(new Set(SSRF_VECTORS.map(({ id }) => id)).size).toBe(SSRF_VECTORS.length)
  expect(SSRF_VECTORS.length).toBeGreaterThanOrEqual(60)
})

const inDevelopment = [
  ['http://localhost:7400/', ['127.0.0.1'], 'allowed'],
  ['http://localhost:7400/', ['127.0.0.1', '::1'], 'allowed'],
  ['http://127.0.0.1:7400/', undefined, 'allowed'],
  ['http://[::1]:7400/', undefined, 'allowed'],
  ['http://peer.localhost/', ['127.0.0.1'], 'allowed'],
  ['https://localhost/', ['127.0.0.1'], 'allowed'],
  ['https://peer.example/', ['8.8.4.4'], 'allowed'],
  ['http://localhost/', ['10.0.0.1'], 'address-not-allowed'],
  ['http://localhost/', ['8.8.4.4'], 'address-not-allowed'],
  ['https://peer.example/', ['127.0.0.1'], 'address-not-allowed'],
  ['https://10.0.0.1/', undefined, 'address-not-allowed'],
  ['https://[::ffff:127.0.0.1]/', undefined, 'address-not-allowed'],
  ['http://0.0.0.0/', undefined, 'scheme-not-allowed'],
  ['http://peer.example/', ['127.0.0.1'], 'scheme-not-allowed'],
  ['http://localhost.peer.example/', ['127.0.0.1'], 'scheme-not-allowed'],
  ['http://10.0.0.1/', undefined, 'scheme-not-allowed'],
] as const

for (const [url, resolves, expected] of inDevelopment) {
  const requirement = expected === 'scheme-not-allowed' ? 'CLI-23' : 'THR-06a'
  proves(
    requirement,
    `in development, ${url} leading to ${resolves?.join(' and ') ?? 'itself'} is ${expected}`,
    async () => {
      expect(await verdict({ url, ...(resolves && { resolves }) }, development)).toBe(expected)
    },
  )
}

proves('THR-06a', 'reaches no host outside of the egress allow-list', () => {
  const policy = { allowInsecureLoopback: false, onlyHosts: ['idp.acme.test', 'idp.beta.test:8443'] }
  const reached = (url: string) => checkTarget(url, policy).ok
  expect(reached('https://idp.acme.test/jwks')).toBe(true)
  expect(reached('https://IDP.acme.test:443/jwks')).toBe(true)
  expect(reached('https://idp.beta.test:8443/jwks')).toBe(true)
  expect(checkTarget('https://idp.beta.test/jwks', policy)).toMatchObject({ refusal: { reason: 'host-not-allowed' } })
  expect(reached('https://idp.acme.test.evil.test/jwks')).toBe(false)
  expect(reached('https://evil.test/?idp.acme.test')).toBe(false)
})

test('an egress allow-list opens no address that is not public', () => {
  const policy = { allowInsecureLoopback: false, onlyHosts: ['10.0.0.1'] }
  expect(checkTarget('https://10.0.0.1/', policy).ok).toBe(false)
})

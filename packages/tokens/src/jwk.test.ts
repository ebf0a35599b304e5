import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { calculateJwkThumbprint } from 'jose'
import { expect, test } from 'vitest'
import { generateSigningKey, publicJwks, SIGNING_ALGORITHMS, thumbprint, unsafePrivateJwks } from './index.ts'

const members = { ES256: 'crv kty x y', RS256: 'e kty n', PS256: 'e kty n', EdDSA: 'crv kty x' }

for (const alg of SIGNING_ALGORITHMS) {
  proves(['DISC-10', 'IDP-45'], `publishes ${alg} keys with kid, use and alg and no private member`, async () => {
    const key = await generateSigningKey(alg)
    // Also where somebody keeps the private key in the place of the public one.
    for (const publicKey of [key.publicKey, key.privateKey]) {
      const [jwk] = publicJwks([{ ...key, publicKey }]).keys
      expect(jwk).toMatchObject({ kid: key.kid, use: 'sig', alg })
      expect(Object.keys(jwk ?? {}).sort()).toEqual([...members[alg].split(' '), 'kid', 'use', 'alg'].sort())
    }
  })

  test(`an ${alg} key is named by its thumbprint`, async () => {
    const key = await generateSigningKey(alg)
    expect(key.kid).toBe(await calculateJwkThumbprint(key.publicKey.export({ format: 'jwk' })))
    expect(thumbprint(key.publicKey)).toBe(key.kid)
  })
}

proves('DISC-10', 'publishes no two keys under one id', async () => {
  const one = await generateSigningKey('ES256', { kid: 'same' })
  const two = await generateSigningKey('RS256', { kid: 'same' })
  expect(() => publicJwks([one, two])).toThrow(Fault)
})

test('a library inside the same trust domain is given private members, id, use and algorithm', async () => {
  const key = await generateSigningKey('ES256')
  expect(unsafePrivateJwks([key]).keys).toEqual([
    { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig', alg: 'ES256' },
  ])
})

test('a key pair does not print its private part', async () => {
  const key = await generateSigningKey('ES256')
  const { d } = key.privateKey.export({ format: 'jwk' })
  expect(JSON.stringify(key)).not.toContain(d)
})

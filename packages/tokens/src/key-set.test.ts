import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { generateSigningKey, MAX_KEY_SET_BYTES, parseKeySet, publicJwks, thumbprint } from './index.ts'

const key = await generateSigningKey('ES256', { kid: 'one' })
const [jwk] = publicJwks([key]).keys
const rsa = publicJwks([await generateSigningKey('RS256', { kid: 'rsa' })]).keys[0]

function keysOf(...jwks: unknown[]) {
  const parsed = parseKeySet(JSON.stringify({ keys: jwks }))
  return parsed.ok ? parsed.value.map(({ kid, alg }) => [kid, alg]) : parsed.refusal.reason
}

function jwkOf({ publicKey }: { publicKey: KeyObject }) {
  return publicKey.export({ format: 'jwk' })
}

test('reads the keys a peer publishes, each bound to one algorithm', async () => {
  const pss = publicJwks([await generateSigningKey('PS256', { kid: 'pss' })]).keys[0]
  const ed = publicJwks([await generateSigningKey('EdDSA', { kid: 'ed' })]).keys[0]
  expect(keysOf(jwk, rsa, pss, ed)).toEqual([
    ['one', 'ES256'],
    ['rsa', 'RS256'],
    ['pss', 'PS256'],
    ['ed', 'EdDSA'],
  ])
})

test('a key without alg, use and kid is known by its type and its thumbprint', () => {
  const { kid: _kid, alg: _alg, use: _use, ...bare } = { ...jwk }
  expect(keysOf(bare)).toEqual([[thumbprint(key.publicKey), 'ES256']])
  expect(keysOf({ ...rsa, alg: undefined })).toEqual([['rsa', 'RS256']])
})

const unfit = [
  ['is a shared secret', { kty: 'oct', k: 'c2VjcmV0', kid: 'x', alg: 'HS256' }],
  ['says HS256 of a public key', { ...rsa, alg: 'HS256' }],
  ['says none', { ...jwk, alg: 'none' }],
  ['says an algorithm of another key type', { ...rsa, alg: 'ES256' }],
  ['has a curve that does not fit', { ...jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })), alg: 'ES256' }],
  ['is an RSA key of 1024 bits', jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
  ['is for key agreement', jwkOf(generateKeyPairSync('x25519'))],
] as const

for (const [fault, unusable] of unfit) {
  proves('THR-04', `leaves out a key that ${fault}`, () => {
    expect(keysOf({ ...unusable, kid: 'x' }, jwk)).toEqual([['one', 'ES256']])
  })
}

const misused = [
  ['is for encryption', { use: 'enc' }],
  ['has a use that is not text', { use: ['sig'] }],
  ['may only wrap keys', { key_ops: ['wrapKey'] }],
  ['has operations that are no list', { key_ops: 'verify' }],
  ['was published with its private part', { d: 'AAAA' }],
] as const

for (const [fault, change] of misused) {
  proves('THR-05', `leaves out a key that ${fault}`, () => {
    expect(keysOf({ ...jwk, kid: 'x', ...change }, jwk)).toEqual([['one', 'ES256']])
  })
}

proves('THR-05', 'keeps a key whose operations include verifying', () => {
  expect(keysOf({ ...jwk, key_ops: ['verify'] })).toEqual([['one', 'ES256']])
})

proves('THR-05', 'refuses a set in which two keys share an id', () => {
  expect(keysOf(jwk, { ...rsa, kid: 'one' })).toBe('duplicate-key-id')
  expect(keysOf(jwk, { ...rsa, kid: 'one', use: 'enc' })).toBe('duplicate-key-id')
})

proves('THR-15', 'reads no set of more than 100 keys', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({ ...jwk, kid: `key-${index}` }))
  expect(keysOf(...many)).toHaveLength(100)
  expect(keysOf(...many, jwk)).toBe('too-many-keys')
})

proves('THR-15', 'reads no set of more than 256 KiB', () => {
  const json = JSON.stringify({ keys: [jwk] })
  expect(parseKeySet(json.padEnd(MAX_KEY_SET_BYTES)).ok).toBe(true)
  expect(parseKeySet(json.padEnd(MAX_KEY_SET_BYTES + 1))).toEqual({
    ok: false,
    refusal: { reason: 'key-set-too-large' },
  })
})

const malformed = ['', 'null', '[]', '{}', '{"keys":{}}', '{"keys":[],"keys":[]}', 'keys']

for (const json of malformed) {
  proves('THR-15', `refuses ${JSON.stringify(json)} as a key set`, () => {
    expect(parseKeySet(json)).toEqual({ ok: false, refusal: { reason: 'key-set-malformed' } })
  })
}

test('what is no key is left out, as the specification asks', () => {
  expect(keysOf(null, 1, 'x', [], {}, { kty: 'EC' }, { ...jwk, kid: 'off-curve', x: 'AAAA' }, jwk)).toEqual([
    ['one', 'ES256'],
  ])
})

import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { encoded, forged, forgedWithSecret } from '../test/forge.ts'
import {
  generateSigningKey,
  MAX_JWT_LENGTH,
  type SigningAlgorithm,
  signJwt,
  staticKeySource,
  type VerificationKey,
  verifiedPayload,
  verifySignature,
} from './index.ts'

const key = await generateSigningKey('ES256', { kid: 'one' })
const stranger = await generateSigningKey('ES256', { kid: 'one' })
const pss = await generateSigningKey('PS256', { kid: 'pss' })
const claims = { iss: 'https://idp.acme.test', sub: 'alice' }
const header = { alg: 'ES256', typ: 'JWT', kid: 'one' }

function verify(token: string, keys: VerificationKey[] = [key], algorithms: SigningAlgorithm[] = ['ES256']) {
  return verifiedPayload(token, { keys: staticKeySource(keys), algorithms })
}

const publicPem = key.publicKey.export({ format: 'pem', type: 'spki' })
const unsigned = `${encoded({ ...header, alg: 'none' })}.${encoded(claims)}.`

const confused = [
  ['says none and has no signature', unsigned],
  [
    'spells none differently',
    unsigned.replace(encoded({ ...header, alg: 'none' }), encoded({ ...header, alg: 'NoNe' })),
  ],
  [
    'is authenticated with the public key as a shared secret',
    forgedWithSecret({ ...header, alg: 'HS256' }, claims, publicPem.toString()),
  ],
  ['has an algorithm its issuer may not use', signJwt(claims, { typ: 'JWT', key: pss })],
] as const

for (const [fault, token] of confused) {
  proves(['RAS-10', 'THR-04'], `refuses a token that ${fault}`, async () => {
    expect(await verify(token, [key, pss])).toEqual({ ok: false, refusal: { reason: 'unacceptable-algorithm' } })
  })
}

proves('THR-04', 'refuses a token that names another algorithm than its key is bound to', async () => {
  const token = forged({ alg: 'RS256', kid: 'pss' }, claims, pss)
  expect(await verify(token, [pss], ['RS256', 'PS256'])).toEqual({
    ok: false,
    refusal: { reason: 'unacceptable-algorithm' },
  })
})

proves('RAS-10', 'refuses a token that marks any extension as critical', async () => {
  for (const crit of [['x'], ['exp'], ['b64'], [], 'x', null]) {
    const token = forged({ ...header, crit, x: 1 }, claims, key)
    expect(await verify(token)).toEqual({ ok: false, refusal: { reason: 'unknown-critical-header' } })
  }
})

proves(['RAS-10', 'RAS-12', 'THR-05'], 'does not look at key material in the header', async () => {
  const jwk = stranger.publicKey.export({ format: 'jwk' })
  for (const more of [
    { jwk },
    { jku: 'https://idp.evil.test/jwks' },
    { x5u: 'https://idp.evil.test/x5' },
    { x5c: ['AA=='] },
  ]) {
    const token = signJwt(claims, { typ: 'JWT', key: stranger, header: more })
    expect(await verify(token)).toEqual({ ok: false, refusal: { reason: 'bad-signature' } })
  }
})

proves('RAS-12', 'refuses a signature of another issuer under the right key id', async () => {
  expect(await verify(signJwt(claims, { typ: 'JWT', key: stranger }))).toEqual({
    ok: false,
    refusal: { reason: 'bad-signature' },
  })
})

proves('RAS-12', 'refuses a token that is signed as somebody else was', async () => {
  const [, , signature] = signJwt(claims, { typ: 'JWT', key }).split('.')
  const token = `${encoded(header)}.${encoded({ ...claims, sub: 'mallory' })}.${signature}`
  expect(await verify(token)).toEqual({ ok: false, refusal: { reason: 'bad-signature' } })
})

proves('RAS-12', 'refuses an empty signature', async () => {
  const token = `${encoded(header)}.${encoded(claims)}.`
  expect(await verify(token)).toEqual({ ok: false, refusal: { reason: 'bad-signature' } })
})

proves('THR-05', 'refuses a key id that is not the key’s', () => {
  const token = forged({ ...header, kid: 'two' }, claims, key)
  expect(verifySignature(token, key)).toEqual({ ok: false, refusal: { reason: 'unknown-key' } })
})

proves('THR-05', 'does not guess between several keys where the token names none', async () => {
  const token = forged({ alg: 'ES256' }, claims, key)
  expect(await verify(token, [key, pss])).toEqual({ ok: false, refusal: { reason: 'unknown-key' } })
  expect(await verify(token, [key])).toEqual({ ok: true, value: claims })
})

const hostile = [
  ['a payload with a claim twice', forged(header, '{"sub":"alice","sub":"mallory"}', key)],
  ['a payload nested too deeply', forged(header, `{"a":${'['.repeat(20)}${']'.repeat(20)}}`, key)],
  ['a payload that is an array', forged(header, '[1]', key)],
  ['a payload that is null', forged(header, 'null', key)],
  ['a payload that is not JSON', forged(header, 'alice', key)],
  ['a payload that is not UTF-8', forged(header, Buffer.from('{"sub":"al\xffce"}', 'latin1'), key)],
  ['a header with a member twice', forged('{"alg":"none","alg":"ES256","kid":"one"}', claims, key)],
  ['a header without alg', forged({ kid: 'one' }, claims, key)],
  ['a kid that is not text', forged({ alg: 'ES256', kid: 1 }, claims, key)],
  ['padding', `${signJwt(claims, { typ: 'JWT', key })}=`],
  ['two parts', signJwt(claims, { typ: 'JWT', key }).split('.').slice(0, 2).join('.')],
  ['four parts', `${signJwt(claims, { typ: 'JWT', key })}.AAAA`],
  ['five parts, as an encrypted token has', 'eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA'],
  ['no text', ''],
] as const

for (const [what, token] of hostile) {
  proves('THR-15', `refuses ${what}`, async () => {
    expect(await verify(token)).toEqual({ ok: false, refusal: { reason: 'malformed' } })
    expect(verifySignature(token, key)).toEqual({ ok: false, refusal: { reason: 'malformed' } })
  })
}

proves('THR-15', 'refuses a signature that is encoded in a second way', async () => {
  const token = signJwt(claims, { typ: 'JWT', key })
  // 64 bytes leave four bits of the last character unused.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twin = token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) + 1)
  expect(await verify(twin)).toEqual({ ok: false, refusal: { reason: 'malformed' } })
})

proves('THR-15', 'looks at no token longer than 16 KiB', async () => {
  const tokenOfLength = (filler: number) => signJwt({ ...claims, filler: 'x'.repeat(filler) }, { typ: 'JWT', key })
  const spare = MAX_JWT_LENGTH - tokenOfLength(0).length
  const longest = tokenOfLength(Math.floor((spare * 3) / 4))
  expect(longest.length).toBeGreaterThan(MAX_JWT_LENGTH - 4)
  expect(await verify(longest)).toMatchObject({ ok: true })
  expect(await verify(tokenOfLength(spare))).toEqual({ ok: false, refusal: { reason: 'malformed' } })
})

test('hands out the claims of a token that holds', async () => {
  const token = signJwt({ ...claims, nothing: undefined, name: 'Zoë' }, { typ: 'at+jwt', key })
  expect(await verify(token)).toEqual({ ok: true, value: { ...claims, name: 'Zoë' } })
  expect(verifySignature(token, key)).toEqual({ ok: true, value: { ...claims, name: 'Zoë' } })
})

test('header parameters a caller adds do not displace algorithm, type and key id', async () => {
  const token = signJwt(claims, { typ: 'at+jwt', key, header: { alg: 'none', kid: 'x', typ: 'JWT', extra: 1 } })
  expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
    alg: 'ES256',
    typ: 'at+jwt',
    kid: 'one',
    extra: 1,
  })
})

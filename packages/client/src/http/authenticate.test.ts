import { type ClientId, Hidden, type IssuerId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW, SeededRandom } from '@carnet/testing'
import { generateSigningKey, verifySignature } from '@carnet/tokens'
import { expect, test } from 'vitest'
import { authenticate, chooseMethod } from './authenticate.ts'
import { isSecureEndpoint } from './urls.ts'

const key = await generateSigningKey('ES256')
const id = 'a-at-ras' as ClientId
const issuer = 'https://auth.chat.test' as IssuerId
const secret = new Hidden('s')
const withSecret = { id, secret, privateKey: undefined }
const withKey = { id, secret: undefined, privateKey: key }
const bare = { id, secret: undefined, privateKey: undefined }

const choices = [
  ['Basic where the metadata does not say', withSecret, undefined, 'client_secret_basic'],
  ['Basic before post', withSecret, ['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
  ['post where there is no Basic', withSecret, ['client_secret_post', 'none'], 'client_secret_post'],
  [
    'its key where that is taken',
    { ...withKey, secret },
    ['client_secret_basic', 'private_key_jwt'],
    'private_key_jwt',
  ],
  ['its secret where keys are not taken', { ...withKey, secret }, ['client_secret_basic'], 'client_secret_basic'],
  ['its key where the metadata does not say', withKey, undefined, 'private_key_jwt'],
  ['nothing where it is public', bare, ['none'], 'none'],
  ['no way where a secret is of no use', withSecret, ['private_key_jwt'], undefined],
  ['no way where public clients are not taken', bare, ['client_secret_basic'], undefined],
  ['no weaker way than its key', withKey, ['none'], undefined],
] as const

for (const [title, credentials, methods, method] of choices) {
  proves('CLI-13', `authenticates with ${title}`, () => {
    expect(chooseMethod(credentials, methods)).toBe(method)
  })
}

test('Basic is form-encoded', () => {
  const odd = { id: 'a:b' as ClientId, secret: new Hidden('p%+ä'), privateKey: undefined }
  const added = authenticate('redeem', odd, { issuer, methods: undefined }, NOW, new SeededRandom('x'))
  const header = added.ok ? (added.value.headers.authorization ?? '') : ''
  expect(Buffer.from(header.slice('Basic '.length), 'base64').toString()).toBe('a%3Ab:p%25%2B%C3%A4')
})

test('a client assertion is for the issuer, short and never the same', () => {
  const random = new SeededRandom('x')
  const claims = [1, 2].map(() => {
    const added = authenticate('redeem', withKey, { issuer, methods: ['private_key_jwt'] }, NOW, random)
    const verified = verifySignature(added.ok ? (added.value.params.client_assertion ?? '') : '', key)
    return verified.ok ? verified.value : {}
  })
  expect(claims[0]).toMatchObject({ iss: id, sub: id, aud: issuer, iat: NOW, exp: NOW + 60 })
  expect(claims[0]?.jti).not.toBe(claims[1]?.jti)
})

for (const url of ['http://auth.chat.test/token', 'http://127.0.0.1/token', 'ftp://auth.chat.test/', 'token']) {
  proves('CLI-13', `sends no secret to ${url}`, () => {
    expect(isSecureEndpoint(url, false)).toBe(false)
  })
}

proves('CLI-13', 'sends secrets over https, and to this machine in development', () => {
  expect(isSecureEndpoint('https://auth.chat.test/token', false)).toBe(true)
  expect(
    ['http://localhost:1/', 'http://127.0.0.1:1/', 'http://[::1]:1/'].every((url) => isSecureEndpoint(url, true)),
  ).toBe(true)
  expect(['http://localhost.evil.test/', 'http://10.0.0.1/'].some((url) => isSecureEndpoint(url, true))).toBe(false)
})

import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { encoded, forged } from '../test/forge.ts'
import { generateSigningKey, peekJwt, signJwt } from './index.ts'

const key = await generateSigningKey('ES256', { kid: 'one' })

test('tells type, algorithm, key and issuer of a token', () => {
  const token = signJwt({ iss: 'https://idp.acme.test' }, { typ: 'oauth-id-jag+jwt', key })
  expect(peekJwt(token)).toMatchObject({
    typ: 'oauth-id-jag+jwt',
    alg: 'ES256',
    kid: 'one',
    iss: 'https://idp.acme.test',
  })
})

const types = [
  ['application/at+jwt', 'at+jwt'],
  ['Application/AT+JWT', 'at+jwt'],
  ['JWT', 'jwt'],
  ['', ''],
  [undefined, ''],
] as const

for (const [typ, seen] of types) {
  proves('THR-05', `knows the type ${JSON.stringify(typ)} in every spelling`, () => {
    expect(peekJwt(forged({ alg: 'ES256', typ }, {}, key))?.typ).toBe(seen)
  })
}

const unreadable = [
  ['is not three parts', 'a.b'],
  ['has a type that is not text', forged({ alg: 'ES256', typ: ['at+jwt'] }, {}, key)],
  ['has a payload that is not an object', forged({ alg: 'ES256' }, '"text"', key)],
  ['has characters outside of base64url', `${encoded({ alg: 'ES256' })}.${encoded({})}.a+b/`],
  ['is too long', `${encoded({ alg: 'ES256' })}.${encoded({ filler: 'x'.repeat(16_384) })}.AAAA`],
] as const

for (const [fault, token] of unreadable) {
  proves('THR-15', `reads nothing from a token that ${fault}`, () => {
    expect(peekJwt(token)).toBeUndefined()
  })
}

test('an issuer that is not text is no issuer', () => {
  expect(peekJwt(forged({ alg: 'ES256' }, { iss: 7 }, key))?.iss).toBeUndefined()
})

/** The fast path means what the reference implementation means. */
import { proves } from '@carnet/requirements/vitest'
import fc from 'fast-check'
import { CompactSign, compactVerify, createLocalJWKSet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import {
  generateSigningKey,
  parseKeySet,
  publicJwks,
  SIGNING_ALGORITHMS,
  type SigningKey,
  signJwt,
  staticKeySource,
  verifiedPayload,
  verifySignature,
} from '../src/index.ts'

const claimSets = fc.dictionary(
  fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'),
  fc.jsonValue({ maxDepth: 4 }),
)
const times = { numRuns: 40, seed: 7256 }

for (const alg of SIGNING_ALGORITHMS) {
  const making = generateSigningKey(alg, { kid: 'one' })

  test(`jose verifies what we sign with ${alg}`, async () => {
    const key = await making
    await fc.assert(
      fc.asyncProperty(claimSets, async (claims) => {
        const { payload, protectedHeader } = await compactVerify(signJwt(claims, { typ: 'at+jwt', key }), key.publicKey)
        expect(JSON.parse(Buffer.from(payload).toString())).toEqual(JSON.parse(JSON.stringify(claims)))
        expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: 'one' })
      }),
      times,
    )
  })

  test(`we verify what jose signs with ${alg}`, async () => {
    const key = await making
    await fc.assert(
      fc.asyncProperty(claimSets, async (claims) => {
        const token = await signedByJose(claims, key)
        const expected = { ok: true, value: JSON.parse(JSON.stringify(claims)) }
        expect(verifySignature(token, key)).toEqual(expected)
        expect(await verifiedPayload(token, { keys: staticKeySource([key]), algorithms: [alg] })).toEqual(expected)
      }),
      times,
    )
  })

  proves('RAS-12', `refuses every token signed with ${alg} in which one character was changed`, async () => {
    const key = await making
    const token = signJwt({ iss: 'https://idp.acme.test', sub: 'alice', n: 1 }, { typ: 'JWT', key })
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '
    const changes = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...alphabet))
    fc.assert(
      fc.property(changes, ([place, character]) => {
        const changed = token.slice(0, place) + character + token.slice(place + 1)
        expect(verifySignature(changed, key).ok).toBe(changed === token)
      }),
      { numRuns: 400, seed: 7256 },
    )
  })

  test(`both read the same ${alg} key from a published set`, async () => {
    const key = await making
    const jwks = publicJwks([key])
    const token = signJwt({ sub: 'alice' }, { typ: 'JWT', key })
    const { payload } = await jwtVerify(
      token,
      createLocalJWKSet({ keys: jwks.keys.map((jwk) => ({ ...jwk, kty: jwk.kty ?? '' })) }),
    )
    const parsed = parseKeySet(JSON.stringify(jwks))
    const [ours] = parsed.ok ? parsed.value : []
    expect(ours?.publicKey.equals(key.publicKey)).toBe(true)
    expect(payload).toEqual({ sub: 'alice' })
  })
}

function signedByJose(claims: object, { alg, kid, privateKey }: SigningKey): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims))
  return new CompactSign(payload).setProtectedHeader({ alg, kid }).sign(privateKey)
}

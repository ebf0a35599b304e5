import type { ClientId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { SeededRandom } from '@carnet/testing'
import { sha256Text } from '@carnet/tokens'
import { expect } from 'vitest'
import { farCompany } from '../../test/fixture/settings.ts'
import { authorizationUrl, checkS256, newPendingSignIn } from './authorization-request.ts'

const random = new SeededRandom('sign-in')
const metadata = authorizationMetadata(await farCompany())

function authorizationMetadata(company: Awaited<ReturnType<typeof farCompany>>) {
  return { ...company.idpMetadata(), issuer: company.origins.idp as never }
}

function urlFor(change: object = {}, pending = newPendingSignIn('http://127.0.0.1:1/callback', random)) {
  const request = { client: 'a' as ClientId, scopes: ['openid'], pending, options: {} }
  return authorizationUrl({ ...metadata, ...change }, request, false)
}

proves('CLI-02', 'asks for a code with an S256 challenge of a verifier that stays here', () => {
  const pending = newPendingSignIn('http://127.0.0.1:1/callback', random)
  const url = urlFor({}, pending)
  const params = new URL(url.ok ? url.value : '').searchParams
  expect(params.get('response_type')).toBe('code')
  expect(params.get('code_challenge_method')).toBe('S256')
  expect(params.get('code_challenge')).toBe(sha256Text(pending.verifier.reveal()))
  expect(params.toString()).not.toContain(pending.verifier.reveal())
})

proves('CLI-02', 'sends a state and a nonce that no other request has', () => {
  const seen = Array.from({ length: 50 }, () => newPendingSignIn('http://127.0.0.1:1/callback', random))
  const values = seen.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier.reveal()])
  expect(new Set(values).size).toBe(150)
  expect(values.every((value) => value.length >= 43)).toBe(true)
})

const withoutS256 = [
  ['does not say what it supports', undefined],
  ['supports only plain', ['plain']],
  ['supports nothing', []],
] as const

for (const [issuer, code_challenge_methods_supported] of withoutS256) {
  proves('CLI-02', `stops before an issuer that ${issuer}`, () => {
    const { code_challenge_methods_supported: _, ...silent } = metadata
    const told = code_challenge_methods_supported && {
      code_challenge_methods_supported: [...code_challenge_methods_supported],
    }
    expect(checkS256({ ...silent, ...told }, false)).toMatchObject({ refusal: { reason: 's256-not-advertised' } })
  })
}

proves('CLI-02', 'goes on where an administrator vouches for an issuer that is silent, and only then', () => {
  const { code_challenge_methods_supported: _, ...silent } = metadata
  expect(checkS256(silent, true)).toMatchObject({ ok: true })
  expect(checkS256({ ...silent, code_challenge_methods_supported: ['plain'] }, true)).toMatchObject({ ok: false })
  expect(checkS256(metadata, false)).toMatchObject({ ok: true })
})

const unfit = [
  ['CLI-23', 'javascript:alert(1)'],
  ['CLI-23', 'file:///etc/passwd'],
  ['CLI-13', 'http://idp.acme.test/authorize'],
] as const

for (const [requirement, authorization_endpoint] of unfit) {
  proves(requirement, `opens no browser with ${authorization_endpoint}`, () => {
    expect(urlFor({ authorization_endpoint })).toMatchObject({ refusal: { reason: 'endpoint-insecure' } })
  })
}

import { Fault, refuse } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { type KeySource, staticKeySource } from '@carnet/tokens'
import { expect, test } from 'vitest'
import { EVIL, IDP, IDP2, idJag, key, OTHER_AS, SELF, trustIdp } from '../../test/fixture.ts'
import type { TrustedIssuer } from '../ports.ts'
import { registrationsOf } from '../registrations.ts'
import { issuerTrust } from './issuer-trust.ts'
import { verifyIdJag } from './verify-id-jag.ts'

const keysOf: Readonly<Record<string, KeySource>> = {
  [IDP]: staticKeySource([key.idp]),
  [IDP2]: staticKeySource([key.idp2]),
}

function contextWith(trusted: readonly TrustedIssuer[], source?: KeySource) {
  const registered = registrationsOf({ clients: [], resources: [], resourceServers: [], trustedIssuers: trusted })
  const keys = { of: ({ issuer }: TrustedIssuer) => source ?? keysOf[issuer] ?? staticKeySource([]) }
  return { self: SELF, trust: issuerTrust(registered, trustIdp.tenant, keys) }
}
const context = contextWith([trustIdp, { ...trustIdp, issuer: IDP2 }])

test('accepts a valid ID-JAG and hands out what was verified', async () => {
  expect(await verifyIdJag(idJag(), context)).toMatchObject({
    ok: true,
    value: { claims: { sub: 'alice', aud: SELF }, issuer: { issuer: IDP } },
  })
})

const types = ['JWT', '', 'at+jwt', 'client-authentication+jwt', 'oauth-id-jag', 'application/jwt']
for (const typ of types) {
  proves('RAS-09', `refuses an assertion of type ${JSON.stringify(typ)}`, async () => {
    const verdict = await verifyIdJag(idJag({}, { typ }), context)
    expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'wrong-type' } })
  })
}
for (const typ of ['OAuth-ID-JAG+JWT', 'application/oauth-id-jag+jwt']) {
  proves(['RAS-09', 'THR-05'], `accepts the type spelt ${typ}`, async () => {
    expect(await verifyIdJag(idJag({}, { typ }), context)).toMatchObject({ ok: true })
  })
}

proves('RAS-02', 'refuses what is no compact JWT as an unusable assertion', async () => {
  expect(await verifyIdJag('abc', context)).toEqual(refuse({ reason: 'malformed-assertion' }))
})

for (const [what, iss] of [
  ['nobody entered', EVIL],
  ['spelt with one more slash', `${IDP}/`],
  ['spelt in upper case', IDP.toUpperCase()],
  ['that is not named at all', undefined],
] as const) {
  proves('RAS-11', `refuses an issuer ${what}, without asking for any key`, async () => {
    let asked = 0
    const counting: KeySource = { find: async () => void asked++ }
    const verdict = await verifyIdJag(idJag({ iss }, { key: key.evil }), contextWith([trustIdp], counting))
    expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'untrusted-issuer' } })
    expect(asked).toBe(0)
  })
}

proves('RAS-11', 'trusts nobody by default', async () => {
  const verdict = await verifyIdJag(idJag(), contextWith([]))
  expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'untrusted-issuer' } })
})

proves('RAS-11', 'does not let a lookup answer for another issuer', async () => {
  const trust = issuerTrust(
    {
      ...registrationsOf({ clients: [], resources: [], resourceServers: [], trustedIssuers: [] }),
      findIssuer: () => trustIdp,
    },
    trustIdp.tenant,
    { of: () => staticKeySource([key.evil]) },
  )
  const verdict = await verifyIdJag(idJag({ iss: EVIL }, { key: key.evil }), { self: SELF, trust })
  expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'untrusted-issuer' } })
})

proves('RAS-12', "refuses a signature by another trusted issuer's key under the same key id", async () => {
  const verdict = await verifyIdJag(idJag({}, { key: key.idp2 }), context)
  expect(verdict).toEqual(refuse({ reason: 'bad-signature' }))
})

proves(['RAS-10', 'THR-04'], 'refuses an algorithm that is not entered for this issuer', async () => {
  const verdict = await verifyIdJag(idJag(), contextWith([{ ...trustIdp, algorithms: ['RS256'] }]))
  expect(verdict).toEqual(refuse({ reason: 'unacceptable-algorithm' }))
})

const audiences: readonly (readonly [string, unknown])[] = [
  ['another server', OTHER_AS],
  ['this server and another', [SELF, OTHER_AS]],
  ['this server twice', [SELF, SELF]],
  ['nobody in a list', []],
  ['this server with a slash', `${SELF}/`],
  ['a longer host name', `${SELF}.evil.test`],
  ['the token endpoint', `${SELF}/token`],
]
for (const [what, aud] of audiences) {
  proves(['RAS-13', 'THR-02'], `refuses an assertion for ${what}`, async () => {
    const verdict = await verifyIdJag(idJag({ aud }), context)
    expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'wrong-audience' } })
  })
}
proves('RAS-13', 'accepts this server as the only element of a list', async () => {
  expect(await verifyIdJag(idJag({ aud: [SELF] }), context)).toMatchObject({
    ok: true,
    value: { claims: { aud: SELF } },
  })
})

for (const claim of ['sub', 'aud', 'client_id', 'jti', 'exp', 'iat']) {
  for (const [how, value] of [
    ['without', undefined],
    ['with an empty', claim === 'aud' ? null : ''],
    ['with an object as', {}],
  ] as const) {
    proves('RAS-15', `refuses an assertion ${how} ${claim}`, async () => {
      const verdict = await verifyIdJag(idJag({ [claim]: value }), context)
      expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'invalid-claims' } })
    })
  }
}
for (const [what, change] of [
  ['an expiry in a string', { exp: '1795176300' }],
  ['a jti of 257 characters', { jti: 'x'.repeat(257) }],
  ['a scope in a list', { scope: ['chat.read'] }],
] as const) {
  proves('RAS-15', `refuses ${what}`, async () => {
    const verdict = await verifyIdJag(idJag(change), context)
    expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'invalid-claims' } })
  })
}

test('keys that cannot be had are a fault, not a refusal', async () => {
  const unreachable: KeySource = {
    find: async () => {
      throw new Fault('keys-unavailable', 'no answer')
    },
  }
  await expect(verifyIdJag(idJag(), contextWith([trustIdp], unreachable))).rejects.toThrow(Fault)
})

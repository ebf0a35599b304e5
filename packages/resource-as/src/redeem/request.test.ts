import { JWT_BEARER_GRANT, refuse } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { clientA, form } from '../../test/fixture.ts'
import { checkGrantAllowed, redemptionParameters } from './request.ts'

const grant = `grant_type=${encodeURIComponent(JWT_BEARER_GRANT)}`

proves('RAS-01', 'needs neither scope nor resource', () => {
  expect(redemptionParameters(form(`${grant}&assertion=x.y.z`))).toEqual({
    ok: true,
    value: { assertion: 'x.y.z', scope: undefined, resource: undefined },
  })
})

for (const grantType of ['password', 'urn:ietf:params:oauth:token-type:id-jag', `${JWT_BEARER_GRANT} `]) {
  proves('RAS-01', `refuses the grant type ${JSON.stringify(grantType)}`, () => {
    const asked = redemptionParameters(form(`grant_type=${encodeURIComponent(grantType)}&assertion=x.y.z`))
    expect(asked).toMatchObject({ ok: false, refusal: { reason: 'unsupported-grant-type' } })
  })
}

test('a missing grant type is a malformed request', () => {
  expect(redemptionParameters(form('assertion=x.y.z'))).toEqual(refuse({ reason: 'grant-type-missing' }))
})

proves('RAS-02', 'refuses a request without an assertion as malformed', () => {
  expect(redemptionParameters(form(grant))).toEqual(refuse({ reason: 'assertion-missing' }))
})

test('leaves parameters alone that are not of this grant', () => {
  expect(redemptionParameters(form(`${grant}&assertion=x.y.z&code=&audience=y`))).toMatchObject({ ok: true })
})

proves('RAS-08', 'refuses a client that is not registered for this grant', () => {
  const client = { ...clientA, grantTypes: ['authorization_code'] }
  expect(checkGrantAllowed({ client, method: 'client_secret_basic' })).toEqual(
    refuse({ reason: 'grant-not-registered' }),
  )
})

proves('RAS-03a', 'refuses a public client, allow-listed as it is', () => {
  expect(checkGrantAllowed({ client: clientA, method: 'none' })).toEqual(refuse({ reason: 'public-client' }))
})

test('lets an authenticated client of this grant go on', () => {
  expect(checkGrantAllowed({ client: clientA, method: 'private_key_jwt' })).toMatchObject({ ok: true })
})

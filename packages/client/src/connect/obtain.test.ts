import { type AuthorizationServerMetadata, accept, Hidden, JWT_BEARER_GRANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { type Company, oauthError } from '../../test/fixture/company.ts'
import { farCompany, registrationAt, settingsFor } from '../../test/fixture/settings.ts'
import type { Identity } from '../sign-in/identity.ts'
import { obtainAccess } from './obtain.ts'

async function obtain(company: Company) {
  const identity = { idToken: new Hidden(company.idToken()) } as Identity
  const parties = {
    issuer: company.idpMetadata() as unknown as AuthorizationServerMetadata,
    authorizationServer: company.rasMetadata() as unknown as AuthorizationServerMetadata,
    identity: async () => accept(identity),
  }
  const wanted = { resource: company.server, at: registrationAt(company), scopes: undefined }
  return obtainAccess(wanted, parties, settingsFor(company))
}

function presented(company: Company): readonly (string | null)[] {
  return company.askedOf('ras.token').map(({ form }) => form.get('assertion'))
}

proves('CLI-14a', 'answers one invalid_grant with another ID-JAG, never with the same one', async () => {
  const company = await farCompany()
  company.script('ras.token', (asked, honest) =>
    company.askedOf('ras.token').length === 1 ? oauthError('invalid_grant') : honest(asked, honest),
  )
  expect(await obtain(company)).toMatchObject({ ok: true })
  expect(presented(company)).toHaveLength(2)
  expect(new Set(presented(company)).size).toBe(2)
})

proves('CLI-19', 'gives up after one retry, and tries no other grant', async () => {
  const company = await farCompany()
  company.script('ras.token', () => oauthError('invalid_grant'))
  expect(await obtain(company)).toMatchObject({ ok: false, refusal: { reason: 'grant-not-accepted' } })
  expect(company.askedOf('ras.token').map(({ form }) => form.get('grant_type'))).toEqual([
    JWT_BEARER_GRANT,
    JWT_BEARER_GRANT,
  ])
})

for (const error of [
  'access_denied',
  'invalid_scope',
  'invalid_client',
  'unauthorized_client',
  'invalid_target',
  'unsupported_grant_type',
]) {
  proves('CLI-19', `does not repeat a redemption refused with ${error}`, async () => {
    const company = await farCompany()
    company.script('ras.token', () => oauthError(error))
    expect(await obtain(company)).toMatchObject({ ok: false })
    expect(company.askedOf('ras.token')).toHaveLength(1)
  })
}

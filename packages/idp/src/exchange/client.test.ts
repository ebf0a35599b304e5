import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { A, client, P, publicClient } from '../../test/exchange-fixture.ts'
import { checkClientRole } from './client.ts'

proves('IDP-15', 'refuses a public client', () => {
  expect(checkClientRole({ client: publicClient(), method: 'none' })).toEqual({
    ok: false,
    refusal: { reason: 'public-client', client: P },
  })
})

proves('IDP-15', 'lets a public client through that an administrator named, and says that it is an exception', () => {
  const entry = publicClient({ publicException: true })
  expect(checkClientRole({ client: entry, method: 'none' })).toEqual({ ok: true, value: { entry, byException: true } })
})

proves('IDP-15', 'makes no exception of a client that authenticated', () => {
  const entry = client(A)
  expect(checkClientRole({ client: entry, method: 'private_key_jwt' })).toMatchObject({ value: { byException: false } })
})

test('refuses a client that did not register the grant', () => {
  const entry = client(A, { grantTypes: ['authorization_code'] })
  expect(checkClientRole({ client: entry, method: 'client_secret_post' })).toMatchObject({
    refusal: { reason: 'grant-not-allowed' },
  })
})

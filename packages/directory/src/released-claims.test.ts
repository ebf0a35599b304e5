import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { releasedClaims } from './released-claims.ts'

const alice = { email: 'alice@acme.test', emailVerified: true }

proves('IDP-43', 'releases no personal claim by default', () => {
  expect(releasedClaims(alice, [])).toEqual({})
})

proves('IDP-43', 'releases the address with whether it was verified, where the entry says so', () => {
  expect(releasedClaims(alice, ['email'])).toEqual({ email: 'alice@acme.test', email_verified: true })
  expect(releasedClaims({ ...alice, emailVerified: false }, ['email'])).toMatchObject({ email_verified: false })
})

proves('IDP-43', 'releases nothing about an address that is not known', () => {
  expect(releasedClaims({ email: undefined, emailVerified: false }, ['email'])).toEqual({})
})

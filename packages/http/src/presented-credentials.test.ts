import { CLIENT_ASSERTION_TYPE } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { basic, CLIENT, clientAssertion, form, SECRET } from '../test/fixture.ts'
import { presentedCredentials } from './presented-credentials.ts'

const BASIC = basic(CLIENT, SECRET)
const ASSERTION = { client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: clientAssertion() }

function outcome(parameters: Readonly<Record<string, string>>, authorization?: string) {
  const presented = presentedCredentials({ form: form(parameters), authorization })
  return presented.ok ? presented.value : presented.refusal.reason
}

const several = [
  ['Basic and a secret in the body', { client_id: CLIENT, client_secret: SECRET }, BASIC],
  ['Basic and an assertion', ASSERTION, BASIC],
  ['a secret and an assertion', { client_id: CLIENT, client_secret: SECRET, ...ASSERTION }, undefined],
  ['Basic and half an assertion', { client_assertion_type: CLIENT_ASSERTION_TYPE }, BASIC],
] as const

for (const [what, parameters, authorization] of several) {
  proves('RAS-05', `refuses ${what} together`, () => {
    expect(outcome(parameters, authorization)).toBe('several-mechanisms')
  })
}

proves('RAS-05', 'takes a body client_id equal to the Basic user', () => {
  expect(outcome({ client_id: CLIENT }, BASIC)).toMatchObject({ mechanism: 'basic' })
})

proves(['RAS-05', 'THR-11'], 'refuses a body client_id other than the Basic user', () => {
  expect(outcome({ client_id: 'app-b' }, BASIC)).toBe('client-id-mismatch')
})

proves(['RAS-05', 'THR-11'], 'refuses a body client_id other than the issuer of the assertion', () => {
  expect(outcome({ client_id: 'app-b', ...ASSERTION })).toBe('client-id-mismatch')
  expect(outcome({ client_id: CLIENT, ...ASSERTION })).toMatchObject({ mechanism: 'assertion', id: CLIENT })
})

proves('RAS-06', 'reads Basic credentials decoded, then raw', () => {
  expect(outcome({}, basic('a%2Db', 's+t%25'))).toEqual({
    mechanism: 'basic',
    readings: [
      { id: 'a-b', secret: 's t%' },
      { id: 'a%2Db', secret: 's+t%25' },
    ],
  })
})

proves('RAS-06', 'reads what encodes to itself once', () => {
  expect(outcome({}, BASIC)).toEqual({ mechanism: 'basic', readings: [{ id: CLIENT, secret: SECRET }] })
})

proves('RAS-06', 'reads credentials raw that are no form encoding', () => {
  expect(outcome({}, basic('app', '100%'))).toEqual({ mechanism: 'basic', readings: [{ id: 'app', secret: '100%' }] })
})

const unusable = [
  ['no colon', `Basic ${Buffer.from('app-a').toString('base64')}`, 'malformed-basic-credentials'],
  ['no id', basic('', SECRET), 'malformed-basic-credentials'],
  ['no base64', 'Basic !!!', 'malformed-basic-credentials'],
  ['nothing', 'Basic', 'malformed-basic-credentials'],
  ['a bearer token', 'Bearer abc', 'unsupported-authorization-scheme'],
] as const

for (const [what, authorization, reason] of unusable) {
  proves('IDP-15', `refuses an Authorization header with ${what}`, () => {
    expect(outcome({}, authorization)).toBe(reason)
  })
}

proves('IDP-15', 'refuses a request without any credentials', () => {
  expect(outcome({})).toBe('no-credentials')
})

const halves = [
  ['no assertion', { client_assertion_type: CLIENT_ASSERTION_TYPE }, 'client-assertion-missing'],
  ['no type', { client_assertion: 'a.b.c' }, 'unsupported-client-assertion-type'],
  ['another type', { ...ASSERTION, client_assertion_type: 'urn:x' }, 'unsupported-client-assertion-type'],
  ['an assertion that is no JWT', { ...ASSERTION, client_assertion: 'abc' }, 'malformed-client-assertion'],
] as const

for (const [what, parameters, reason] of halves) {
  proves('IDP-16', `refuses a client assertion with ${what}`, () => {
    expect(outcome(parameters)).toBe(reason)
  })
}

import { Hidden, ID_JAG_TOKEN_TYPE, type Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect } from 'vitest'
import { farCompany, registrationAt } from '../../test/fixture/settings.ts'
import { codeOf } from '../refusal.ts'
import { exchangeParams, readGrant, refusedExchange } from './exchange.ts'

const company = await farCompany()
const wanted = { resource: company.server, at: registrationAt(company), scopes: ['chat.read'] as Scope[] }

proves('CLI-09', 'asks for an ID-JAG with exactly these parameters, byte for byte', () => {
  expect(exchangeParams(wanted, new Hidden('the-id-token'))).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
    audience: 'https://auth.chat.test',
    resource: 'https://mcp.chat.test/mcp',
    scope: 'chat.read',
    subject_token: 'the-id-token',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
  })
})

proves('CLI-09', 'passes the resource on as the server spells it', () => {
  for (const resource of ['https://mcp.chat.test', 'https://MCP.chat.test/mcp/', 'https://mcp.chat.test:443/mcp']) {
    expect(exchangeParams({ ...wanted, resource }, new Hidden('t')).resource).toBe(resource)
  }
})

const response = { issued_token_type: ID_JAG_TOKEN_TYPE, token_type: 'N_A', access_token: company.idJag() }

const notAnIdJag = [
  ['says it is an access token', { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }],
  ['does not say what it is', { issued_token_type: undefined }],
  ['holds nothing', { access_token: '' }],
] as const

for (const [fault, change] of notAnIdJag) {
  proves('CLI-11', `uses no answer that ${fault}`, () => {
    const grant = readGrant({ ...response, ...change }, wanted, NOW)
    expect(grant).toMatchObject({ ok: false, refusal: { reason: 'not-an-id-jag' } })
  })
}

for (const token_type of ['N_A', 'n_a', 'Bearer', undefined]) {
  proves('CLI-11', `does not mind the token type ${token_type}`, () => {
    expect(readGrant({ ...response, token_type }, wanted, NOW)).toMatchObject({ ok: true })
  })
}

const errors = [
  ['invalid_grant', {}, 'sign-in-ended', 'sign-in-required'],
  ['invalid_request', {}, 'sign-in-ended', 'sign-in-required'],
  ['invalid_request', { carnet_reason: 'subject-token.expired' }, 'sign-in-ended', 'sign-in-required'],
  ['invalid_request', { carnet_reason: 'target.one-audience-only' }, 'request-not-accepted', 'misconfigured'],
  ['insufficient_user_authentication', {}, 'authentication-insufficient', 'step-up-required'],
  ['access_denied', {}, 'access-denied', 'denied'],
  ['invalid_scope', {}, 'nothing-granted', 'denied'],
  ['invalid_target', {}, 'target-unknown', 'misconfigured'],
  ['invalid_client', {}, 'client-not-accepted', 'misconfigured'],
  ['unauthorized_client', {}, 'client-not-accepted', 'misconfigured'],
  ['unheard_of', {}, 'request-not-accepted', 'misconfigured'],
] as const

for (const [error, members, reason, code] of errors) {
  proves('CLI-18', `takes ${error} ${JSON.stringify(members)} for ${code}`, () => {
    const verdict = refusedExchange({ error, ...members })
    expect(verdict).toMatchObject({ ok: false, refusal: { reason } })
    expect(verdict.ok ? undefined : codeOf(verdict.refusal)).toBe(code)
  })
}

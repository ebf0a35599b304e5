import {
  ACCESS_TOKEN_TYPE,
  ID_JAG_TOKEN_TYPE,
  ID_TOKEN_TYPE,
  MAX_SCOPES,
  REFRESH_TOKEN_TYPE,
  SAML2_TOKEN_TYPE,
} from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { form, type Parameters, R, R2, READ, S, SB, tx } from '../../test/exchange-fixture.ts'
import { parseExchangeRequest } from './request.ts'

function outcome(change: Parameters) {
  const request = parseExchangeRequest(form(tx(change)))
  return request.ok ? 'accepted' : request.refusal.reason
}

const broken = [
  ['IDP-12', 'asks for no type', { requested_token_type: undefined }, 'requested-type-not-supported'],
  ['IDP-12', 'asks for an access token', { requested_token_type: ACCESS_TOKEN_TYPE }, 'requested-type-not-supported'],
  ['IDP-12', 'asks for a refresh token', { requested_token_type: REFRESH_TOKEN_TYPE }, 'requested-type-not-supported'],
  ['IDP-13', 'names no audience', { audience: undefined }, 'audience-missing'],
  ['IDP-24', 'presents an access token', { subject_token_type: ACCESS_TOKEN_TYPE }, 'subject-type-not-supported'],
  ['IDP-24', 'presents a SAML assertion', { subject_token_type: SAML2_TOKEN_TYPE }, 'subject-type-not-supported'],
  ['IDP-24', 'does not say what it presents', { subject_token_type: undefined }, 'subject-type-not-supported'],
  ['IDP-24', 'presents nothing', { subject_token: undefined }, 'subject-token-missing'],
  ['IDP-25', 'names an actor', { actor_token: 'x', actor_token_type: ID_TOKEN_TYPE }, 'actor-not-supported'],
  ['IDP-25', 'names an actor without type', { actor_token: 'x' }, 'actor-not-supported'],
  ['IDP-25', 'names the type of no actor', { actor_token_type: ID_TOKEN_TYPE }, 'actor-not-supported'],
  ['IDP-30', 'separates scopes by two spaces', { scope: 'chat.read  chat.write' }, 'scope-malformed'],
  ['IDP-30', 'quotes a scope', { scope: '"chat.read"' }, 'scope-malformed'],
  ['IDP-30', 'has a line break in a scope', { scope: 'chat.read\nchat.write' }, 'scope-malformed'],
  [['THR-15', 'IDP-30'], 'has a scope longer than any grant', { scope: 'x'.repeat(8193) }, 'scope-malformed'],
] as const

for (const [requirement, fault, change, reason] of broken) {
  proves(requirement, `refuses a request that ${fault}`, () => {
    expect(outcome(change)).toBe(reason)
  })
}

proves('IDP-30', 'refuses more scopes than any request has', () => {
  const scopes = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`).join(' ')
  expect(outcome({ scope: scopes(MAX_SCOPES) })).toBe('accepted')
  expect(outcome({ scope: scopes(MAX_SCOPES + 1) })).toBe('too-many-scopes')
})

proves('IDP-12', 'takes a request for an ID-JAG', () => {
  expect(parseExchangeRequest(form(tx({ subject_token: 'x', requested_token_type: ID_JAG_TOKEN_TYPE })))).toEqual({
    ok: true,
    value: { subjectToken: 'x', subjectTokenType: ID_TOKEN_TYPE, audiences: [R], resources: [S], scopes: [READ] },
  })
})

proves('IDP-21', 'takes a refresh token as subject token', () => {
  expect(outcome({ subject_token_type: REFRESH_TOKEN_TYPE })).toBe('accepted')
})

proves('IDP-11', 'reads every audience and resource, and no scope as none asked for', () => {
  const request = parseExchangeRequest(form(tx({ audience: [R, R2], resource: [S, SB], scope: undefined })))
  expect(request).toMatchObject({ value: { audiences: [R, R2], resources: [S, SB], scopes: undefined } })
})

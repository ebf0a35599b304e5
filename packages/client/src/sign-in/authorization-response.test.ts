import type { IssuerId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { checkResponseIssuer, readAuthorizationResponse } from './authorization-response.ts'

const ISSUER = 'https://idp.acme.test' as IssuerId
const silent = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` }
const promising = { ...silent, authorization_response_iss_parameter_supported: true }

const table = [
  ['accepts its own issuer, advertised', promising, `iss=${ISSUER}`, undefined],
  ['accepts its own issuer, not advertised', silent, `iss=${ISSUER}`, undefined],
  ['accepts silence where nothing was promised', silent, '', undefined],
  ['refuses silence where iss was promised', promising, '', 'response-issuer-missing'],
  ['refuses another issuer, advertised', promising, 'iss=https://idp.evil.test', 'response-issuer-mismatch'],
  ['refuses another issuer, not advertised', silent, 'iss=https://idp.evil.test', 'response-issuer-mismatch'],
  ['refuses a normalised spelling', promising, `iss=${ISSUER}/`, 'response-issuer-mismatch'],
  ['refuses two issuers', promising, `iss=${ISSUER}&iss=https://idp.evil.test`, 'response-issuer-mismatch'],
] as const

for (const [title, metadata, query, reason] of table) {
  proves('CLI-03', title, () => {
    const verdict = checkResponseIssuer(new URLSearchParams(query), metadata)
    expect(verdict.ok ? undefined : verdict.refusal.reason).toBe(reason)
  })
}

proves('CLI-03', 'hands out neither the code nor the error of a response from another issuer', () => {
  const response = new URLSearchParams(
    'iss=https://idp.evil.test&code=c&error=access_denied&error_description=Pay+here',
  )
  const verdict = readAuthorizationResponse(response, promising)
  expect(verdict).toEqual({ ok: false, refusal: { leg: 'sign-in', reason: 'response-issuer-mismatch' } })
})

import type { ClientId, EpochSeconds, IssuerId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { expect } from 'vitest'
import { FAR_AWAY, RAS_CLIENT } from '../../test/fixture/company.ts'
import { farCompany } from '../../test/fixture/settings.ts'
import { checkIdJag } from './id-jag.ts'

const company = await farCompany()
const expected = {
  audience: FAR_AWAY.ras as IssuerId,
  client: RAS_CLIENT.id as ClientId,
  resource: company.server,
  issuerNow: NOW,
}

const mismatches = [
  ['is for another authorization server', { aud: 'https://auth.wiki.test' }],
  ['is for the authorization server in another spelling', { aud: `${FAR_AWAY.ras}/` }],
  ['names another client', { client_id: 'b-at-ras' }],
  ['is for another resource', { resource: 'https://mcp.wiki.test/mcp' }],
  ['is for other resources', { resource: ['https://mcp.wiki.test/mcp', 'https://mcp.chat.test/files'] }],
  ['has just expired', { exp: NOW }],
  ['is bound to a key', { cnf: { jkt: 'x' } }],
] as const

for (const [fault, change] of mismatches) {
  proves('CLI-12', `does not present a grant that ${fault}`, () => {
    expect(checkIdJag(company.idJag(change), expected)).toMatchObject({ refusal: { reason: 'id-jag-mismatch' } })
  })
}

for (const [fault, grant] of [
  ['is an access token', company.idJag({}, 'at+jwt')],
  ['has no audience', company.idJag({ aud: undefined })],
  ['is no JWT', 'x.y'],
] as const) {
  proves('CLI-12', `does not present a grant that ${fault}`, () => {
    expect(checkIdJag(grant, expected)).toMatchObject({ refusal: { reason: 'not-an-id-jag' } })
  })
}

proves('CLI-12', 'presents what was asked for, and what it cannot read', () => {
  expect(checkIdJag(company.idJag({ exp: NOW + 1 }), expected)).toMatchObject({ ok: true })
  expect(checkIdJag(company.idJag({ aud: [FAR_AWAY.ras], resource: undefined }), expected)).toMatchObject({ ok: true })
  expect(checkIdJag(company.idJag({ resource: ['https://x.test/', `${company.server}/`] }), expected)).toMatchObject({
    ok: true,
  })
  expect(checkIdJag('a.b.c.d.e', expected)).toMatchObject({ ok: true })
})

proves('CLI-12', 'judges the end of a grant by the clock of the issuer', () => {
  const slow = { ...expected, issuerNow: (NOW - 900) as EpochSeconds }
  expect(checkIdJag(company.idJag({ exp: NOW - 600 }), slow)).toMatchObject({ ok: true })
})

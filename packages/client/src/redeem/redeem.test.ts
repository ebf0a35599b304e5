import { Hidden, type Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { farCompany, registrationAt } from '../../test/fixture/settings.ts'
import { readAccessToken, redeemParams } from './redeem.ts'

const company = await farCompany()
const of = (...names: string[]) => names as Scope[]
const wanted = { resource: company.server, at: registrationAt(company), scopes: of('chat.read') }
const grant = { assertion: new Hidden('the-id-jag'), scopes: of('chat.read'), dropped: [], txn: undefined }
const response = { access_token: 'at', token_type: 'Bearer', expires_in: 600 }

proves('CLI-13', 'redeems with jwt-bearer and the resource', () => {
  expect(redeemParams(wanted, grant)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: 'the-id-jag',
    resource: 'https://mcp.chat.test/mcp',
  })
})

proves('CLI-13', 'names scopes only where the grant holds more than was asked for', () => {
  expect(redeemParams(wanted, { ...grant, scopes: of('chat.read', 'chat.admin') }).scope).toBe('chat.read')
  expect(redeemParams({ ...wanted, scopes: undefined }, grant).scope).toBeUndefined()
})

proves('CLI-16', 'honours the scope that was returned, narrower or wider', () => {
  for (const scope of ['chat.read', 'chat.other chat.read']) {
    expect(readAccessToken({ ...response, scope }, wanted, grant)).toMatchObject({
      value: { scopes: scope.split(' ') },
    })
  }
  expect(readAccessToken(response, wanted, { ...grant, scopes: of('chat.read') })).toMatchObject({
    value: { scopes: ['chat.read'] },
  })
})

proves('CLI-16', 'drops a token that is for another resource', () => {
  const verdict = readAccessToken({ ...response, resource: 'https://mcp.wiki.test/mcp' }, wanted, grant)
  expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'token-for-another-resource' } })
  expect(readAccessToken({ ...response, resource: `${company.server}/` }, wanted, grant)).toMatchObject({ ok: true })
})

test('only a bearer token is understood', () => {
  expect(readAccessToken({ ...response, token_type: 'DPoP' }, wanted, grant)).toMatchObject({
    refusal: { reason: 'token-type-unknown' },
  })
  expect(readAccessToken({ ...response, token_type: 'bearer' }, wanted, grant)).toMatchObject({ ok: true })
  expect(readAccessToken({ token_type: 'Bearer' }, wanted, grant)).toMatchObject({
    refusal: { reason: 'answer-malformed' },
  })
})

import { Fault, ID_JAG_GRANT_PROFILE, JWT_BEARER_GRANT } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { FILES, IDP, READ, SELF, trustIdp, WRITE } from '../../test/fixture.ts'
import { checkMetadata, mergedMetadata, metadataDocument } from './metadata.ts'
import { metadataPaths } from './paths.ts'

const document = metadataDocument(SELF, 'ES256', [READ, WRITE, FILES])

proves('DISC-03', 'says what strict parsers insist on, OAuth and OpenID alike', () => {
  expect(document).toMatchObject({
    issuer: SELF,
    authorization_endpoint: `${SELF}/authorize`,
    token_endpoint: `${SELF}/token`,
    jwks_uri: `${SELF}/jwks`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  })
  expect(JSON.stringify(document)).not.toContain('null')
})

proves('DISC-04', 'lists the profile, and the grant the profile needs', () => {
  expect(document.authorization_grant_profiles_supported).toEqual([ID_JAG_GRANT_PROFILE])
  expect(document.grant_types_supported).toEqual([JWT_BEARER_GRANT])
})

for (const member of ['authorization_grant_profiles_supported', 'grant_types_supported']) {
  for (const [how, value] of [
    ['without its entry', []],
    ['as text', `${ID_JAG_GRANT_PROFILE} ${JWT_BEARER_GRANT}`],
    ['with something that is no text', [ID_JAG_GRANT_PROFILE, JWT_BEARER_GRANT, 1]],
  ] as const) {
    proves('DISC-04', `does not start with ${member} ${how}`, () => {
      expect(() => checkMetadata({ ...document, [member]: value })).toThrow(Fault)
    })
  }
}

proves('DISC-04', 'adds profile and grant to the document of an interactive server', () => {
  const theirs = { issuer: SELF, grant_types_supported: ['authorization_code'], scopes_supported: ['openid'] }
  expect(mergedMetadata(theirs, document)).toMatchObject({
    grant_types_supported: ['authorization_code', JWT_BEARER_GRANT],
    authorization_grant_profiles_supported: [ID_JAG_GRANT_PROFILE],
    scopes_supported: ['openid', 'chat.read', 'chat.write', 'files.read'],
  })
})

proves('DISC-05', 'names neither a trusted issuer nor a tenant', () => {
  const text = JSON.stringify(document)
  expect(text).not.toContain(IDP)
  expect(text).not.toContain(trustIdp.tenant)
})

proves('DISC-06', 'is at every place an issuer with a path is looked for', () => {
  expect(metadataPaths('https://as.test/t1')).toEqual([
    '/.well-known/oauth-authorization-server/t1',
    '/t1/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration/t1',
    '/t1/.well-known/openid-configuration',
  ])
})

proves('DISC-06', 'is at two places for an issuer without one', () => {
  expect(metadataPaths('https://as.test')).toEqual([
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  ])
})

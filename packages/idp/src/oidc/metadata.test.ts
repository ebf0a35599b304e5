import type { IssuerId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { ISSUER_DEFAULTS, type IssuerConfig } from '../config.ts'
import { issuerMetadata } from './metadata.ts'
import { metadataPaths } from './routes.ts'

const config: IssuerConfig = { ...ISSUER_DEFAULTS, issuer: 'https://idp.acme.test' as IssuerId, cookieKeys: [] }

proves('DISC-01', 'the metadata has what OpenID Connect Discovery and RFC 8414 require, under the one issuer', () => {
  const metadata = issuerMetadata(config, [])
  expect(metadata).toMatchObject({
    issuer: 'https://idp.acme.test',
    authorization_endpoint: 'https://idp.acme.test/authorize',
    token_endpoint: 'https://idp.acme.test/token',
    userinfo_endpoint: 'https://idp.acme.test/userinfo',
    jwks_uri: 'https://idp.acme.test/jwks',
    end_session_endpoint: 'https://idp.acme.test/logout',
    revocation_endpoint: 'https://idp.acme.test/revoke',
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  })
  expect(metadata.grant_types_supported).toContain('urn:ietf:params:oauth:grant-type:token-exchange')
  expect(Object.values(metadata).some((value) => value === null || value === undefined)).toBe(false)
})

proves('DISC-02', 'the metadata says that ID-JAGs are issued, unless that is to be hidden', () => {
  const member = 'identity_chaining_requested_token_types_supported'
  expect(issuerMetadata(config, [])[member]).toEqual(['urn:ietf:params:oauth:token-type:id-jag'])
  expect(issuerMetadata({ ...config, hideIdJagSupport: true }, [])).not.toHaveProperty(member)
})

proves(['IDP-04', 'DISC-13'], 'the metadata says that responses name their issuer', () => {
  expect(issuerMetadata(config, []).authorization_response_iss_parameter_supported).toBe(true)
})

proves('DISC-13', 'the metadata claims nothing that is not there', () => {
  const metadata = issuerMetadata(config, [])
  expect(metadata.client_id_metadata_document_supported).toBe(false)
  expect(metadata.backchannel_logout_supported).toBe(false)
  for (const absent of ['dpop_signing_alg_values_supported', 'registration_endpoint', 'acr_values_supported']) {
    expect(metadata).not.toHaveProperty(absent)
  }
  expect(issuerMetadata(config, ['gold']).acr_values_supported).toEqual(['gold'])
})

proves('DISC-06', 'the metadata of an issuer with a path is looked for inserted and appended', () => {
  expect(metadataPaths('https://idp.acme.test/t1' as IssuerId)).toEqual(
    new Set([
      '/.well-known/oauth-authorization-server/t1',
      '/t1/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration/t1',
      '/t1/.well-known/openid-configuration',
    ]),
  )
  expect(metadataPaths('https://idp.acme.test' as IssuerId).size).toBe(2)
})

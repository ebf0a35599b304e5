import {
  type AuthorizationServerMetadata,
  type ClientId,
  ID_JAG_GRANT_PROFILE,
  type IssuerId,
  JWT_BEARER_GRANT,
} from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { checkEnterpriseManaged, checkOwnEndpoints, chooseRegistration } from './enterprise-managed.ts'

const RAS = 'https://auth.chat.test' as IssuerId
const OTHER = 'https://auth.wiki.test'
const metadata = { issuer: RAS, token_endpoint: `${RAS}/token` }

for (const possible of [
  { authorization_grant_profiles_supported: [ID_JAG_GRANT_PROFILE] },
  { grant_types_supported: ['authorization_code', JWT_BEARER_GRANT] },
]) {
  proves('CLI-08', `uses EMA where metadata shows ${Object.keys(possible)[0]}`, () => {
    expect(checkEnterpriseManaged({ ...metadata, ...possible })).toMatchObject({ ok: true })
  })
}

for (const [title, impossible] of [
  ['shows neither', {}],
  ['lists only interactive grants', { grant_types_supported: ['authorization_code', 'refresh_token'] }],
  ['lists other profiles', { authorization_grant_profiles_supported: ['urn:other'] }],
] satisfies [string, object][]) {
  proves(['CLI-08', 'THR-17a'], `stops where metadata ${title}: nothing weaker is tried`, () => {
    const shown: AuthorizationServerMetadata = {
      ...metadata,
      authorization_endpoint: `${RAS}/authorize`,
      ...impossible,
    }
    const refusal = { reason: 'not-enterprise-managed' }
    expect(checkEnterpriseManaged(shown)).toMatchObject({ refusal })
  })
}

for (const [endpoint, url] of [
  ['token_endpoint', `${OTHER}/token`],
  ['token_endpoint', 'https://auth.chat.test.evil.test/token'],
  ['revocation_endpoint', `${OTHER}/revoke`],
] as const) {
  proves('THR-03', `sends nothing where the server names ${url} as its ${endpoint}`, () => {
    expect(checkOwnEndpoints({ ...metadata, [endpoint]: url })).toMatchObject({
      refusal: { reason: 'endpoint-foreign' },
    })
  })
}

proves('THR-03', 'takes endpoints anywhere on the issuer itself', () => {
  expect(checkOwnEndpoints({ ...metadata, revocation_endpoint: `${RAS}/a/revoke` })).toMatchObject({ ok: true })
})

const credentials = { id: 'a-at-ras' as ClientId, secret: undefined, privateKey: undefined }
const registrations = new Map([[RAS as string, credentials]])

proves('CLI-21', 'takes the credentials that belong to the issuer, by its exact name', () => {
  const chosen = chooseRegistration(
    { resource: 'https://mcp.chat.test/mcp', authorization_servers: [OTHER, RAS] },
    registrations,
  )
  expect(chosen).toEqual({ ok: true, value: { issuer: RAS, credentials } })
})

for (const moved of [OTHER, `${RAS}/`, `${RAS}:443`, 'HTTPS://auth.chat.test']) {
  proves('CLI-21', `has no credentials for a server that moved to ${moved}`, () => {
    const chosen = chooseRegistration(
      { resource: 'https://mcp.chat.test/mcp', authorization_servers: [moved] },
      registrations,
    )
    expect(chosen).toMatchObject({ refusal: { reason: 'not-registered-at-server' } })
  })
}

/** Puts the organisation into the stores of a Carnet server. */
import {
  JWT_BEARER_GRANT,
  type PersonId,
  type Scope,
  type SessionId,
  SOLE_TENANT,
  TOKEN_EXCHANGE_GRANT,
} from '@carnet/protocol'
import type { NewClientCredentials } from '@carnet/resource-as'
import type { RunningServer } from '@carnet/server'
import { createSigningKeyStore } from '@carnet/storage'
import { readMasterKey, signerAt, signJwt, systemClock, systemRandom } from '@carnet/tokens'
import { type Organisation, SCOPES } from './organisation.ts'

const PERSON = 'person-alice' as PersonId
const SESSION = 'session-alice' as SessionId
const scopes = SCOPES.map((name) => name as Scope)

export async function seed(carnet: RunningServer, organisation: Organisation): Promise<void> {
  await seedAuthorizationServer(carnet, organisation)
  await seedRegistry(carnet, organisation)
  await seedPerson(carnet, organisation)
  const published = await carnet.stores.policy.publish({
    text: '@id("everybody") permit (principal, action == Action::"use", resource);',
    author: 'bench',
    reason: 'The policy of the benchmark',
  })
  if (!published.ok) throw new Error(JSON.stringify(published.refusal))
}

/** An ID Token of the issuer for the person and the client, as a sign-in would give. */
export async function idToken({ stores }: RunningServer, { issuer, masterKey, client }: Organisation): Promise<string> {
  const keys = createSigningKeyStore({
    db: stores.db,
    issuer,
    masterKey: readMasterKey(masterKey),
    random: systemRandom,
  })
  const now = systemClock.now()
  const key = signerAt(await keys.load(), 'ES256', now)
  const claims = { iss: issuer, sub: PERSON, aud: client.id, sid: SESSION, iat: now, exp: now + 3600, auth_time: now }
  return signJwt({ ...claims, acr: '0', amr: ['pwd'] }, { typ: 'JWT', key })
}

async function seedAuthorizationServer({ hosted }: RunningServer, organisation: Organisation): Promise<void> {
  const { issuer, resource, clientThere, elsewhere, resourceServer } = organisation
  const trusted = {
    tenant: SOLE_TENANT,
    issuerTenant: undefined,
    algorithms: ['ES256'] as const,
    permittedClients: [clientThere.id],
    permittedResources: [resource],
    scopeCeiling: scopes,
    maxLifetimeSeconds: 600,
    unknownScopes: 'refuse' as const,
    subjects: { byExternalId: false, createAccounts: true },
  }
  await hosted[0]?.store.register({
    clients: [
      {
        ...secretClient(clientThere),
        tenant: SOLE_TENANT,
        name: 'Assistant',
        grantTypes: [JWT_BEARER_GRANT],
        permittedResources: [resource],
        permittedScopes: scopes,
      },
    ],
    resources: [{ tenant: SOLE_TENANT, id: resource, scopes, minimumScopes: [], tokenLifetimeSeconds: 600 }],
    trustedIssuers: [
      { ...trusted, issuer, keys: { jwksUri: `${issuer}/jwks` } },
      { ...trusted, issuer: elsewhere.issuer, keys: { jwks: elsewhere.jwks } },
    ],
    resourceServers: [{ ...secretClient(resourceServer), resources: [resource], tenants: [SOLE_TENANT] }],
  })
}

async function seedRegistry({ stores }: RunningServer, organisation: Organisation): Promise<void> {
  const { authorizationServer, resource, client, clientThere } = organisation
  const changed = await stores.registry.change({
    put: {
      authorizationServers: [
        {
          issuer: authorizationServer,
          name: 'Tracker',
          aliases: [],
          acceptsSlashVariant: false,
          signingAlgorithm: 'ES256',
          subjectRule: { kind: 'pairwise', sector: authorizationServer },
          releasedClaims: [],
          idJagLifetimeSeconds: 300,
        },
      ],
      servers: [
        {
          resource,
          authorizationServer,
          name: 'Tracker',
          state: 'approved',
          environment: 'production',
          scopes: scopes.map((name) => ({ name, title: name, class: 'read' })),
          tools: [{ name: 'list_issues', class: 'read', scopes: scopes.slice(0, 1) }],
        },
      ],
      clients: [
        {
          ...secretClient(client),
          name: 'Assistant',
          publicException: false,
          redirectUris: ['http://127.0.0.1/callback'],
          postLogoutRedirectUris: [],
          applicationType: 'native',
          grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE_GRANT],
          registrations: { [authorizationServer]: clientThere.id },
        },
      ],
    },
  })
  if (!changed.ok) throw new Error(JSON.stringify(changed.refusal))
}

async function seedPerson({ stores }: RunningServer, { client }: Organisation): Promise<void> {
  await stores.people.upsert({
    id: PERSON,
    username: 'alice',
    displayName: 'Alice Berg',
    email: 'alice@bench.example',
    emailVerified: true,
    active: true,
    groups: ['engineering'],
    attributes: {},
    externalId: undefined,
  })
  await stores.signIns.record({
    sid: SESSION,
    person: PERSON,
    client: client.id,
    authTime: systemClock.now(),
    acr: '0',
    amr: ['pwd'],
    upstream: 'bench',
    endedAt: undefined,
    eventId: 'event-of-sign-in',
  })
}

function secretClient({ id, secretHash }: NewClientCredentials) {
  return {
    id,
    enabled: true,
    authMethods: ['client_secret_basic'] as const,
    secrets: [{ sha256: secretHash, until: undefined }],
    jwks: undefined,
  }
}

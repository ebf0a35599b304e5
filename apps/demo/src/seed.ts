/**
 * Writes the demo organisation into the stores, and what an outside program needs of it into `demo.json`.
 *
 * A second start finds everything in place and leaves it alone; where the file is lost, people and clients get new
 * secrets, because only their hashes are kept.
 */
import {
  type ClientId,
  Fault,
  type IssuerId,
  JWT_BEARER_GRANT,
  type PersonId,
  type Scope,
  SOLE_TENANT,
  TOKEN_EXCHANGE_GRANT,
} from '@carnet/protocol'
import type { AuthorizationServerEntry, ClientEntry, ServerEntry } from '@carnet/registry'
import { type NewClientCredentials, newClientCredentials } from '@carnet/resource-as'
import type { RunningServer } from '@carnet/server'
import { newSecret, systemClock, systemRandom } from '@carnet/tokens'
import { type DemoFile, findDemoFile, writeOwnersFile } from './demo-file.ts'
import { readServerSettings, type ServerSettings } from './mcp-servers/settings.ts'
import { DEMO_CLIENTS, DEMO_PEOPLE, type DemoClient, type DemoServer, demoPolicy } from './organisation.ts'
import type { DemoPlan, PlannedServer } from './plan.ts'

const TOKEN_LIFETIME_SECONDS = 600
const ID_JAG_LIFETIME_SECONDS = 300

export async function seedDemo(carnet: RunningServer, plan: DemoPlan, adminApiKey: string): Promise<DemoFile> {
  const present = findDemoFile(plan.demoFile)
  const isSeeded = carnet.stores.registry.current().servers.length > 0
  if (isSeeded && present?.issuer === plan.issuer && plan.servers.every(hasSettings)) return present

  const software = DEMO_CLIENTS.map((client) => ({
    client,
    atIssuer: newClientCredentials(systemRandom),
    perAuthorizationServer: new Map(
      plan.servers.map((at) => [at.authorizationServer, newClientCredentials(systemRandom)]),
    ),
  }))
  const people = DEMO_PEOPLE.map((person) => ({ person, password: newSecret(systemRandom).slice(0, 16) }))

  for (const at of plan.servers) await seedAuthorizationServer(carnet, at, software, plan)
  await seedRegistry(carnet, plan, software)
  await seedPeople(carnet, people)
  await seedPolicy(carnet, plan)
  await carnet.stores.audit.record({
    type: 'demo.seeded',
    outcome: 'success',
    reporter: plan.issuer,
    at: systemClock.now(),
    details: { people: people.length, servers: plan.servers.length },
  })

  const file = demoFileOf(plan, software, people, adminApiKey)
  writeOwnersFile(plan.demoFile, file)
  return file
}

interface Software {
  readonly client: DemoClient
  readonly atIssuer: NewClientCredentials
  readonly perAuthorizationServer: ReadonlyMap<IssuerId, NewClientCredentials>
}

function hasSettings({ settingsFile, port }: PlannedServer): boolean {
  try {
    return readServerSettings(settingsFile).port === port
  } catch {
    // Whatever is wrong with the file, it is written anew.
    return false
  }
}

async function seedAuthorizationServer(
  carnet: RunningServer,
  { server, resource, authorizationServer, settingsFile, port }: PlannedServer,
  software: readonly Software[],
  { issuer }: DemoPlan,
): Promise<void> {
  const store = carnet.hosted.find((one) => one.server.issuer === authorizationServer)?.store
  if (store === undefined) throw new Fault('internal', `${authorizationServer} is not hosted`)
  const scopes = server.scopes.map(({ name }) => name as Scope)
  const clients = software.map(({ client, perAuthorizationServer }) => ({
    ...secretClient(credentialsAt(perAuthorizationServer, authorizationServer)),
    tenant: SOLE_TENANT,
    name: client.name,
    grantTypes: [JWT_BEARER_GRANT],
    permittedResources: [resource],
    permittedScopes: scopes,
  }))
  const credentials = newClientCredentials(systemRandom)
  await store.register({
    clients,
    resources: [
      { tenant: SOLE_TENANT, id: resource, scopes, minimumScopes: [], tokenLifetimeSeconds: TOKEN_LIFETIME_SECONDS },
    ],
    // The explicit trust entry: without it the Resource AS would redeem nothing of the issuer beside it.
    trustedIssuers: [
      {
        tenant: SOLE_TENANT,
        issuer,
        issuerTenant: undefined,
        keys: { jwksUri: `${issuer}/jwks` },
        algorithms: ['ES256'],
        permittedClients: clients.map(({ id }) => id),
        permittedResources: [resource],
        scopeCeiling: scopes,
        maxLifetimeSeconds: 600,
        unknownScopes: 'refuse',
        subjects: { byExternalId: false, createAccounts: true },
      },
    ],
    resourceServers: [{ ...secretClient(credentials), resources: [resource], tenants: [SOLE_TENANT] }],
  })
  const settings: ServerSettings = {
    key: server.key,
    name: server.name,
    port,
    resource,
    authorizationServer,
    credentials: { id: credentials.id, secret: credentials.secret },
    scopes,
    tools: Object.fromEntries(server.tools.map((tool) => [tool.name, [...tool.scopes]])),
  }
  writeOwnersFile(settingsFile, settings)
}

function secretClient({ id, secretHash }: NewClientCredentials) {
  return {
    id,
    enabled: true,
    authMethods: ['client_secret_basic', 'client_secret_post'] as const,
    secrets: [{ sha256: secretHash, until: undefined }],
    jwks: undefined,
  }
}

function credentialsAt(all: Software['perAuthorizationServer'], issuer: IssuerId): NewClientCredentials {
  const found = all.get(issuer)
  if (found === undefined) throw new Fault('internal', `There are no credentials for ${issuer}`)
  return found
}

async function seedRegistry({ stores }: RunningServer, plan: DemoPlan, software: readonly Software[]): Promise<void> {
  const former = stores.registry.current()
  const changed = await stores.registry.change({
    remove: { clients: [...former.clients.keys()] },
    put: {
      authorizationServers: plan.servers.map(
        ({ server, authorizationServer }): AuthorizationServerEntry => ({
          issuer: authorizationServer,
          name: server.name,
          aliases: [],
          acceptsSlashVariant: false,
          signingAlgorithm: 'ES256',
          subjectRule: { kind: 'pairwise', sector: authorizationServer },
          releasedClaims: [],
          idJagLifetimeSeconds: ID_JAG_LIFETIME_SECONDS,
        }),
      ),
      servers: plan.servers.map(
        ({ server, resource, authorizationServer }): ServerEntry => ({
          resource,
          authorizationServer,
          name: server.name,
          state: 'approved',
          environment: 'production',
          scopes: server.scopes.map((scope) => ({ ...scope, name: scope.name as Scope })),
          tools: server.tools.map((tool) => ({ ...tool, scopes: tool.scopes.map((scope) => scope as Scope) })),
        }),
      ),
      clients: software.map(
        ({ client, atIssuer, perAuthorizationServer }): ClientEntry => ({
          ...secretClient(atIssuer),
          name: client.name,
          publicException: false,
          redirectUris: client.redirectUris,
          postLogoutRedirectUris: [],
          applicationType: client.applicationType,
          grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE_GRANT],
          registrations: Object.fromEntries([...perAuthorizationServer].map(([issuer, { id }]) => [issuer, id])),
        }),
      ),
    },
  })
  if (!changed.ok) {
    const problems = changed.refusal.problems.map((problem) => JSON.stringify(problem)).join('; ')
    throw new Fault('internal', `The demo registry is not valid: ${problems}`)
  }
}

interface SeededPerson {
  readonly person: (typeof DEMO_PEOPLE)[number]
  readonly password: string
}

async function seedPeople({ stores }: RunningServer, people: readonly SeededPerson[]): Promise<void> {
  for (const { person, password } of people) {
    const known = await stores.people.findByUsername(person.username)
    const id = known?.id ?? (systemRandom.token(16) as PersonId)
    await stores.people.upsert({
      id,
      username: person.username,
      displayName: person.displayName,
      email: `${person.username}@demo.example`,
      emailVerified: true,
      active: known?.active ?? true,
      groups: person.groups,
      attributes: {},
      externalId: undefined,
    })
    await stores.passwords.setDemoPassword(id, password)
  }
}

async function seedPolicy({ stores }: RunningServer, { servers }: DemoPlan): Promise<void> {
  const of = (key: DemoServer['key']) => servers.find(({ server }) => server.key === key)?.resource ?? ''
  const published = await stores.policy.publish({
    text: demoPolicy({ tracker: of('tracker'), billing: of('billing') }),
    author: 'demo',
    reason: 'The policy of the demo organisation',
  })
  if (!published.ok) throw new Fault('internal', `The demo policy is not valid: ${JSON.stringify(published.refusal)}`)
}

function demoFileOf(
  plan: DemoPlan,
  software: readonly Software[],
  people: readonly SeededPerson[],
  apiKey: string,
): DemoFile {
  return {
    version: 1,
    issuer: plan.issuer,
    servers: plan.servers.map(({ server, resource, authorizationServer }) => ({
      name: server.name,
      resource,
      authorizationServer,
      scopes: [...server.scopes],
      tools: server.tools.map((tool) => ({ ...tool, scopes: [...tool.scopes] })),
    })),
    clients: software.map(({ client, atIssuer, perAuthorizationServer }) => ({
      name: client.name,
      issuerClient: { id: atIssuer.id, secret: atIssuer.secret, redirectUris: [...client.redirectUris] },
      perAuthorizationServer: Object.fromEntries(
        [...perAuthorizationServer].map(([issuer, { id, secret }]): [string, { id: ClientId; secret: string }] => [
          issuer,
          { id, secret },
        ]),
      ),
    })),
    people: people.map(({ person, password }) => ({
      username: person.username,
      password,
      groups: [...person.groups],
      allowed: plan.servers.map(({ server, resource }) => ({ resource, scopes: [...person.allowed[server.key]] })),
    })),
    admin: { url: plan.adminUrl, apiKey },
  }
}

/** A real issuer, a real Resource AS and a real guarded MCP server of the official SDK, on loopback and in memory. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DEFAULT_RATE_LIMITS } from '@carnet/http'
import { createOutboundHttp } from '@carnet/net'
import type { PolicyDecider } from '@carnet/policy'
import {
  type ClientId,
  type IssuerId,
  JWT_BEARER_GRANT,
  type ResourceId,
  type Scope,
  type SecurityEvent,
  SOLE_TENANT,
  TOKEN_EXCHANGE_GRANT,
} from '@carnet/protocol'
import type { RegistrySnapshot, ScopeEntry } from '@carnet/registry'
import {
  createIssuerKeys,
  createResourceAuthorizationServer,
  type GovernedResource,
  type ResourceAsClient,
  type TrustedIssuer,
} from '@carnet/resource-as'
import { MemoryEvents, unsafeMemoryStores } from '@carnet/resource-as/memory'
import { nodeListener } from '@carnet/resource-as/node'
import { createGuard } from '@carnet/resource-server'
import { createGuardedMcpHandler } from '@carnet/resource-server/mcp'
import { toNodeListener } from '@carnet/resource-server/node'
import { generateSigningKey, hashSecret, systemClock, systemRandom } from '@carnet/tokens'
import { McpServer } from '@modelcontextprotocol/server'
import { Browser } from '../../packages/idp/test/oidc-browser.ts'
import { client, PASSWORDS, quietLog, startWorld, type World } from '../../packages/idp/test/oidc-fixture.ts'

export const AT_ISSUER = { id: 'app-at-issuer', secret: 'app-secret-at-issuer' }
export const AT_RESOURCE_AS = { id: 'app-at-chat', secret: 'app-secret-at-chat' }

export interface Constellation {
  readonly world: World
  readonly resourceAs: string
  readonly resource: string
  readonly resourceAsEvents: readonly SecurityEvent[]
  /** What `person` does in the browser with an authorization URL, until the application has its answer. */
  browse(person: string): (url: string) => Promise<void>
  close(): Promise<void>
}

const scopes: readonly ScopeEntry[] = [
  { name: 'chat.read' as Scope, title: 'Read', class: 'read' },
  { name: 'chat.admin' as Scope, title: 'Administer', class: 'sensitive' },
]

export async function startConstellation(): Promise<Constellation> {
  const [ras, mcp] = [await listening(), await listening()]
  const resourceAs = ras.origin as IssuerId
  const resource = `${mcp.origin}/mcp` as ResourceId

  const world = await startWorld({
    ports: (ports) => ({
      ...ports,
      registry: { current: () => registered(resourceAs, resource) },
      policy: { currentDecider: () => engineersRead },
    }),
  })
  const events = await startResourceAs(ras.serve, resourceAs, resource, world.issuer as IssuerId)
  const closeGuard = await startMcpServer(mcp.serve, resource, resourceAs)

  return {
    world,
    resourceAs,
    resource,
    resourceAsEvents: events,
    browse: (person) => async (url) => {
      const browser = new Browser()
      const { origin } = new URL(url)
      const page = await browser.get(url)
      const form = page.location
      if (form === undefined) throw new Error(`No sign-in page: ${page.status} ${page.body}`)
      const signedIn = await browser.post(form, { username: person, password: PASSWORDS[person] ?? '' })
      const back = await browser.follow(signedIn, origin)
      if (back.location === undefined) throw new Error(`The browser was not sent back: ${back.status} ${back.body}`)
      await browser.get(back.location)
    },
    async close() {
      await closeGuard()
      await Promise.all([ras.close(), mcp.close(), world.close()])
    },
  }
}

function registered(resourceAs: IssuerId, resource: ResourceId): RegistrySnapshot {
  const app = client(AT_ISSUER.id, {
    secrets: [{ sha256: hashSecret(AT_ISSUER.secret), until: undefined }],
    redirectUris: ['http://127.0.0.1/callback'],
    applicationType: 'native',
    grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE_GRANT],
    registrations: { [resourceAs]: AT_RESOURCE_AS.id as ClientId },
  })
  return {
    version: '1',
    authorizationServers: [
      {
        issuer: resourceAs,
        name: 'Chat',
        aliases: [],
        acceptsSlashVariant: false,
        signingAlgorithm: 'ES256',
        subjectRule: { kind: 'directory-id' },
        releasedClaims: [],
        idJagLifetimeSeconds: 300,
      },
    ],
    servers: [
      {
        resource,
        authorizationServer: resourceAs,
        name: 'Chat',
        state: 'approved',
        environment: 'production',
        scopes,
        tools: [],
      },
    ],
    clients: new Map([[app.id, app]]),
  }
}

/** Engineers may read; nobody may administer. */
const engineersRead: PolicyDecider = {
  decide: ({ person: { groups }, scopes: asked }) => {
    const permitted = asked.filter((scope) => groups.includes('engineering') && scope.class === 'read')
    return {
      granted: permitted.map(({ name }) => ({ scope: name, rule: 'engineers-read' })),
      dropped: asked
        .filter((scope) => !permitted.includes(scope))
        .map(({ name }) => ({ scope: name, reason: 'policy.no-matching-rule', rule: undefined, ruleTitle: undefined })),
      policyVersion: '1',
    }
  },
}

async function startResourceAs(
  serve: (listener: RequestListener) => void,
  issuer: IssuerId,
  resource: ResourceId,
  trusted: IssuerId,
): Promise<readonly SecurityEvent[]> {
  const events = new MemoryEvents()
  const names = scopes.map(({ name }) => name)
  const http = createOutboundHttp({ allowInsecureLoopback: true })
  const app: ResourceAsClient = {
    id: AT_RESOURCE_AS.id as ClientId,
    tenant: SOLE_TENANT,
    name: 'App',
    enabled: true,
    authMethods: ['client_secret_basic', 'client_secret_post'],
    secrets: [{ sha256: hashSecret(AT_RESOURCE_AS.secret), until: undefined }],
    jwks: undefined,
    grantTypes: [JWT_BEARER_GRANT],
    permittedResources: [resource],
    permittedScopes: names,
  }
  const trust: TrustedIssuer = {
    tenant: SOLE_TENANT,
    issuer: trusted,
    issuerTenant: undefined,
    keys: { jwksUri: `${trusted}/jwks` },
    algorithms: ['ES256'],
    permittedClients: [app.id],
    permittedResources: [resource],
    scopeCeiling: names,
    maxLifetimeSeconds: 600,
    unknownScopes: 'refuse',
    subjects: { byExternalId: false, createAccounts: true },
  }
  const governed: GovernedResource = {
    tenant: SOLE_TENANT,
    id: resource,
    scopes: names,
    minimumScopes: [],
    tokenLifetimeSeconds: 600,
  }
  const stores = unsafeMemoryStores({
    registered: { clients: [app], trustedIssuers: [trust], resources: [governed], resourceServers: [] },
    signingKeys: [await generateSigningKey('ES256')],
    events,
    clock: systemClock,
    random: systemRandom,
  })
  const server = createResourceAuthorizationServer(
    { issuer, rateLimits: DEFAULT_RATE_LIMITS },
    {
      ...stores,
      issuerKeys: createIssuerKeys({ http, clock: systemClock }),
      events,
      clock: systemClock,
      random: systemRandom,
      log: quietLog,
    },
  )
  serve(nodeListener(server))
  return events.recorded
}

async function startMcpServer(
  serve: (listener: RequestListener) => void,
  resource: ResourceId,
  resourceAs: IssuerId,
): Promise<() => Promise<void>> {
  const guard = createGuard({
    resource,
    authorizationServers: [{ issuer: resourceAs }],
    tools: { read: ['chat.read'], purge: ['chat.admin'] },
    scopes: ['chat.read'],
    allowInsecureLoopback: true,
    requireExtension: true,
  })
  const handler = createGuardedMcpHandler(guard, () => {
    const server = new McpServer({ name: 'chat', version: '1.0.0' })
    server.registerTool('read', { description: 'Reads' }, () => ({ content: [{ type: 'text', text: 'hello' }] }))
    server.registerTool('purge', { description: 'Purges' }, () => ({ content: [{ type: 'text', text: 'gone' }] }))
    return server
  })
  serve(toNodeListener(handler.fetch))
  await guard.ready
  return () => guard.close()
}

async function listening() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (listener: RequestListener) => void server.on('request', listener),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A whole issuer over real HTTP, with a small company behind it: in memory, or on a database. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Person, SignIn } from '@carnet/directory'
import { createRateLimits, DEFAULT_RATE_LIMITS } from '@carnet/http'
import {
  createFormSignIn,
  createIssuer,
  type Issuer,
  type IssuerOptions,
  type IssuerPorts,
  type SignInRecords,
} from '@carnet/idp'
import type { PolicyDecider } from '@carnet/policy'
import {
  type ClientId,
  type EventSink,
  type IssuerId,
  type Log,
  type PersonId,
  type ResourceId,
  type Scope,
  type SecurityEvent,
  type SessionId,
  TOKEN_EXCHANGE_GRANT,
} from '@carnet/protocol'
import type { ClientEntry, RegistrySnapshot } from '@carnet/registry'
import { createRevocationIndex, type RevocationIndex } from '@carnet/revocation'
import { generateSigningKey, hashSecret, publicJwks, type SigningKey, systemClock, systemRandom } from '@carnet/tokens'
import { Browser, type Visit } from './oidc-browser.ts'
import { memoryRecords, memoryReplayGuard, memorySigningKeys } from './oidc-memory.ts'

export const SECRET = 'a-client-secret-of-A'
export const SECRET_B = 'a-client-secret-of-B'
export const CALLBACK = 'https://app.test/cb'
export const AFTER_LOGOUT = 'https://app.test/bye'
export const RESOURCE_AS = 'https://auth.chat.test' as IssuerId
export const RESOURCE = 'https://mcp.chat.test/mcp' as ResourceId
export const PASSWORDS: Readonly<Record<string, string>> = { alice: 'correct horse', bob: 'battery staple' }

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

export function person(username: string, groups: readonly string[]): Person {
  return {
    id: `person-${username}` as PersonId,
    username,
    displayName: username,
    email: `${username}@acme.test`,
    emailVerified: true,
    active: true,
    groups,
    attributes: {},
    externalId: undefined,
  }
}

export function client(id: string, more: Partial<ClientEntry> = {}): ClientEntry {
  return {
    id: id as ClientId,
    name: `Application ${id}`,
    enabled: true,
    authMethods: ['client_secret_basic', 'client_secret_post'],
    secrets: [{ sha256: hashSecret(SECRET), until: undefined }],
    jwks: undefined,
    publicException: false,
    redirectUris: [CALLBACK],
    postLogoutRedirectUris: [AFTER_LOGOUT],
    applicationType: 'web',
    grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE_GRANT],
    registrations: { [RESOURCE_AS]: `${id}-at-chat` as ClientId },
    ...more,
  }
}

export interface World {
  readonly issuer: string
  readonly issuers: readonly Issuer[]
  /** Where each process can be asked by itself. */
  readonly origins: readonly string[]
  readonly people: Map<string, Person>
  readonly clients: Map<ClientId, ClientEntry>
  readonly signIns: Map<SessionId, SignIn>
  readonly events: SecurityEvent[]
  readonly revocations: RevocationIndex
  /** Set to make the store of events or sign-ins fail. */
  readonly broken: { events?: Error | undefined; records?: Error | undefined }
  readonly assertionKey: SigningKey
  close(): Promise<void>
}

export type Stores = Pick<IssuerPorts, 'records' | 'signingKeys' | 'replay'>

export interface WorldOptions extends Partial<Omit<IssuerOptions, 'issuer'>> {
  /** Appended to the origin. */
  readonly path?: string
  /** Where the issuer keeps its records; in memory unless given. */
  readonly stores?: (issuer: IssuerId) => Stores
  readonly ports?: (ports: IssuerPorts) => IssuerPorts
  /** How many issuers share the database; requests are dealt out in turn. */
  readonly processes?: number
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { path = '', stores = await inMemory(), ports: adapt = (ports) => ports, processes = 1, ...rest } = options
  const server = await listening(createServer())
  const issuer = `${originOf(server)}${path}` as IssuerId
  const company = await createCompany(() => stores(issuer))
  const issuers: Issuer[] = []
  for (let each = 0; each < processes; each++) {
    const cookieKeys = ['a cookie key that is long enough for anybody']
    issuers.push(
      await createIssuer({ issuer, cookieKeys, environment: 'demonstration', ...rest }, adapt(company.ports())),
    )
  }
  const own = await Promise.all(issuers.map((each) => listening(createServer((...about) => each.handler(...about)))))
  let turn = 0
  server.on('request', (request, response) => issuers[turn++ % issuers.length]?.handler(request, response))
  return {
    ...company,
    issuer,
    issuers,
    origins: own.map((each) => originOf(each)),
    async close() {
      for (const each of issuers) each.close()
      for (const each of [server, ...own]) {
        each.closeAllConnections()
        await new Promise((done) => each.close(done))
      }
    },
  }
}

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((done) => server.listen(0, 'localhost', done))
  return server
}

function originOf(server: Server): string {
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

/** All processes of a world share what is in memory. */
async function inMemory(): Promise<() => Stores> {
  memoryKeys ??= Promise.all([generateSigningKey('ES256'), generateSigningKey('RS256')])
  const stores = {
    records: memoryRecords(),
    signingKeys: memorySigningKeys(await memoryKeys),
    replay: memoryReplayGuard(),
  }
  return () => stores
}

let memoryKeys: Promise<readonly SigningKey[]> | undefined

async function createCompany(stores: () => Stores) {
  const people = new Map(
    [person('alice', ['engineering']), person('bob', [])].map((each): [string, Person] => [each.id, each]),
  )
  const assertionKey = await generateSigningKey('ES256')
  const clients = new Map(
    [
      client('a'),
      client('b', { secrets: [{ sha256: hashSecret(SECRET_B), until: undefined }] }),
      client('no-refresh', { grantTypes: ['authorization_code', TOKEN_EXCHANGE_GRANT] }),
      client('native', { applicationType: 'native', redirectUris: ['http://127.0.0.1/cb', 'http://127.0.0.1:33418/'] }),
      client('keyed', { authMethods: ['private_key_jwt'], secrets: [], jwks: publicJwks([assertionKey]) }),
      client('disabled', { enabled: false }),
      client('public', { authMethods: ['none'], secrets: [] }),
      client('exception', { authMethods: ['none'], secrets: [], publicException: true }),
    ].map((each): [ClientId, ClientEntry] => [each.id, each]),
  )
  const signIns = new Map<SessionId, SignIn>()
  const events: SecurityEvent[] = []
  const revocations = createRevocationIndex()
  const broken: World['broken'] = {}
  const sink: EventSink = {
    async record(event) {
      if (broken.events !== undefined) throw broken.events
      events.push(event)
    },
  }
  const snapshot = (): RegistrySnapshot => ({ ...REGISTERED, version: String(clients.size), clients })
  const ports = (): IssuerPorts => ({
    ...breakable(stores(), broken),
    registry: { current: snapshot },
    people: {
      find: async (id) => people.get(id),
      findByUsername: async (username) => [...people.values()].find((each) => each.username === username),
    },
    signIns: memorySignIns(signIns),
    signIn: createFormSignIn({
      passwords: {
        async verifyDemoPassword(username, password) {
          return PASSWORDS[username] === password ? (`person-${username}` as PersonId) : undefined
        },
      },
      limits: createRateLimits(DEFAULT_RATE_LIMITS),
    }),
    revocations,
    policy: { currentDecider: () => engineersRead },
    limits: createRateLimits(DEFAULT_RATE_LIMITS),
    grants: {
      commit: async ({ event, withdrawable }) => {
        const ended = revocations.find(withdrawable)
        if (ended === undefined) await sink.record(event)
        return ended
      },
    },
    events: sink,
    log: quietLog,
    clock: systemClock,
    random: systemRandom,
    pairwiseKey: randomBytes(32),
  })
  return { people, clients, signIns, events, revocations, broken, assertionKey, ports }
}

function breakable(stores: Stores, broken: World['broken']): Stores {
  const { records } = stores
  return {
    ...stores,
    records: {
      ...records,
      async find(...about) {
        if (broken.records !== undefined) throw broken.records
        return records.find(...about)
      },
    },
  }
}

const REGISTERED: Omit<RegistrySnapshot, 'version' | 'clients'> = {
  authorizationServers: [
    {
      issuer: RESOURCE_AS,
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
      resource: RESOURCE,
      authorizationServer: RESOURCE_AS,
      name: 'Chat',
      state: 'approved',
      environment: 'production',
      scopes: [
        { name: 'chat.read' as Scope, title: 'Read', class: 'read' },
        { name: 'chat.admin' as Scope, title: 'Administer', class: 'sensitive' },
      ],
      tools: [],
    },
  ],
}

/** Engineers may read; nobody may do more. */
const engineersRead: PolicyDecider = {
  decide: ({ person: { groups }, scopes }) => {
    const permitted = scopes.filter((scope) => groups.includes('engineering') && scope.class === 'read')
    return {
      granted: permitted.map(({ name }) => ({ scope: name, rule: 'engineers-read' })),
      dropped: scopes
        .filter((scope) => !permitted.includes(scope))
        .map(({ name }) => ({ scope: name, reason: 'policy.no-matching-rule', rule: undefined, ruleTitle: undefined })),
      policyVersion: '1',
    }
  },
}

function memorySignIns(signIns: Map<SessionId, SignIn>): SignInRecords {
  return {
    find: async (sid) => signIns.get(sid),
    async record(signIn) {
      if (!signIns.has(signIn.sid)) signIns.set(signIn.sid, signIn)
    },
    async end(target, at) {
      for (const [sid, signIn] of signIns) {
        const meant = 'sid' in target ? sid === target.sid : signIn.person === target.person
        if (meant && signIn.endedAt === undefined) signIns.set(sid, { ...signIn, endedAt: at })
      }
    },
  }
}

export const VERIFIER = 'a-code-verifier-that-is-long-enough-to-be-one-0123'
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

/** The address of a well-formed authorization request of client `a`, with changes. `undefined` leaves one out. */
export function authorizeUrl(world: Pick<World, 'issuer'>, changes: Record<string, string | undefined> = {}): string {
  const parameters = {
    response_type: 'code',
    client_id: 'a',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  }
  return `${world.issuer}/authorize?${given(parameters)}`
}

/** Goes to the client's callback, through the sign-in page where one is shown. */
export async function authorize(
  world: World,
  browser: Browser,
  changes: Record<string, string | undefined> = {},
  credentials: Record<string, string> = { username: 'alice', password: PASSWORDS.alice ?? '' },
): Promise<Visit> {
  const { origin } = new URL(world.issuer)
  const started = await browser.get(authorizeUrl(world, changes))
  if (!started.location?.startsWith(`${world.issuer}/sign-in/`)) return browser.follow(started, origin)
  const submitted = await browser.post(started.location, credentials)
  return browser.follow(submitted, origin)
}

export function callbackOf(visit: Visit): URLSearchParams {
  if (visit.location === undefined) throw new Error(`no redirect: ${visit.status} ${/<h1>.*/.exec(visit.body)}`)
  return new URL(visit.location).searchParams
}

export const asClient = (id: string, secret = SECRET): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly json: Record<string, unknown>
}

export async function post(
  world: Pick<World, 'issuer'>,
  path: string,
  form: Record<string, string | undefined>,
  headers: Record<string, string> = asClient('a'),
): Promise<Reply> {
  const response = await fetch(`${world.issuer}${path}`, { method: 'POST', body: given(form), headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? {} : JSON.parse(text) }
}

export function redeem(
  world: World,
  code: string | null,
  changes: Record<string, string | undefined> = {},
  headers?: Record<string, string>,
): Promise<Reply> {
  return post(
    world,
    '/token',
    {
      grant_type: 'authorization_code',
      code: code ?? '',
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...changes,
    },
    headers,
  )
}

export interface Tokens {
  readonly idToken: string
  readonly accessToken: string
  readonly refreshToken: string | undefined
}

/** Signs in and redeems the code. */
export async function signIn(
  world: World,
  changes: Record<string, string | undefined> = {},
  browser: Browser = new Browser(),
): Promise<Tokens> {
  const callback = callbackOf(await authorize(world, browser, changes))
  const reply = await redeem(
    world,
    callback.get('code'),
    { redirect_uri: changes.redirect_uri ?? CALLBACK },
    asClient(changes.client_id ?? 'a', changes.client_id === 'b' ? SECRET_B : SECRET),
  )
  if (reply.status !== 200) throw new Error(`no tokens: ${JSON.stringify(reply.json)}`)
  return tokensOf(reply)
}

export function tokensOf({ json }: Reply): Tokens {
  return {
    idToken: String(json.id_token),
    accessToken: String(json.access_token),
    refreshToken: json.refresh_token === undefined ? undefined : String(json.refresh_token),
  }
}

export function refresh(
  world: World,
  refreshToken: string | undefined,
  headers?: Record<string, string>,
): Promise<Reply> {
  return post(world, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, headers)
}

export function exchangeForm(subjectToken: string, type = 'id_token'): Record<string, string> {
  return {
    grant_type: TOKEN_EXCHANGE_GRANT,
    requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
    subject_token: subjectToken,
    subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
    audience: RESOURCE_AS,
    resource: RESOURCE,
    scope: 'chat.read',
  }
}

export function exchange(
  world: World,
  subjectToken: string,
  headers?: Record<string, string>,
  type?: string,
): Promise<Reply> {
  return post(world, '/token', exchangeForm(subjectToken, type), headers)
}

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

export function headerOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString('utf8'))
}

function given(parameters: Record<string, string | undefined>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.append(name, value)
  return query
}

export async function getJson(world: Pick<World, 'issuer'>, path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${world.issuer}${path}`)).json()) as Record<string, unknown>
}

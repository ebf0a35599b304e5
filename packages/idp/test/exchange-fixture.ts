/** The issuer of the requirement matrix (§0.2), in memory: A and B at I, alice, bob and carol, R, R2 and their servers. */
import type { Person, SignIn } from '@carnet/directory'
import { createRateLimits, DEFAULT_RATE_LIMITS, Form, type RateLimitSettings } from '@carnet/http'
import { createPolicyDecider, createPolicySet, type PolicyDecider } from '@carnet/policy'
import {
  type ClientId,
  type EpochSeconds,
  Fault,
  type FaultCode,
  ID_JAG_TOKEN_TYPE,
  ID_TOKEN_TYPE,
  type IssuerId,
  type Log,
  type PersonId,
  REFRESH_TOKEN_TYPE,
  type ResourceId,
  type Scope,
  type SecurityEvent,
  type SessionId,
  TOKEN_EXCHANGE_GRANT,
  type Txn,
} from '@carnet/protocol'
import type { AuthorizationServerEntry, ClientEntry, RegistrySnapshot, ServerEntry } from '@carnet/registry'
import { createRevocationIndex, type RevocationIndex } from '@carnet/revocation'
import { FixedClock, NOW, SeededRandom } from '@carnet/testing'
import { generateSigningKey, hashSecret, publicJwks, signerAt, signJwt } from '@carnet/tokens'
import type { ExchangeContext, RefreshTokenFacts } from '../src/ports.ts'
import { memoryReplayGuard } from './oidc-memory.ts'

export const I = 'https://idp.acme.test' as IssuerId
export const R = 'https://auth.chat.test' as IssuerId
export const R2 = 'https://auth.wiki.test' as IssuerId
export const S = 'https://mcp.chat.test/mcp' as ResourceId
export const SB = 'https://mcp.chat.test/files' as ResourceId
export const S2 = 'https://mcp.wiki.test/mcp' as ResourceId
export const A = 'app-a' as ClientId
export const B = 'app-b' as ClientId
export const P = 'app-p' as ClientId
export const SECRET_A = 'k9_secret-of.A~0123456789'
export const SECRET_B = 'k9_secret-of.B~0123456789'
export const READ = 'chat.read' as Scope
export const WRITE = 'chat.write' as Scope
export const ADMIN = 'chat.admin' as Scope

export const es256 = await generateSigningKey('ES256', { kid: 'i-es' })
export const rs256 = await generateSigningKey('RS256', { kid: 'i-rs' })
export const strangersKey = await generateSigningKey('ES256', { kid: 'i-es' })
export const clientKey = await generateSigningKey('ES256', { kid: 'a-1' })

export const POLICY = `
  @id("engineers-chat")
  permit (principal in Group::"engineering", action == Action::"use",
    resource in Server::"${S}") when { resource.class != Class::"destructive" };
  @id("writers-chat")
  permit (principal in Group::"writers", action == Action::"use",
    resource in Server::"${S}") when { resource.name == "chat.admin" };
  @id("engineers-wiki")
  permit (principal in Group::"engineering", action == Action::"use", resource in Server::"${S2}");
`

export function decider(text: string = POLICY): PolicyDecider {
  const set = createPolicySet({ text, version: 'policy-7' })
  if (!set.ok) throw new Error(JSON.stringify(set.refusal))
  return createPolicyDecider(set.value)
}

export function person(username: string, groups: readonly string[], change: Partial<Person> = {}): Person {
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
    ...change,
  }
}

export const alice = person('alice', ['engineering'])
export const bob = person('bob', ['support'])
export const carol = person('carol', ['engineering'], { active: false })

export function signIn(of: Person, client: ClientId, change: Partial<SignIn> = {}): SignIn {
  return {
    sid: `sid-${of.username}-${client}` as SessionId,
    person: of.id,
    client,
    authTime: (NOW - 600) as EpochSeconds,
    acr: 'pwd',
    amr: ['pwd'],
    upstream: 'demo',
    endedAt: undefined,
    eventId: `event-of-${of.username}`,
    ...change,
  }
}

export function authorizationServer(change: Partial<AuthorizationServerEntry> = {}): AuthorizationServerEntry {
  return {
    issuer: R,
    name: 'Chat',
    aliases: [],
    acceptsSlashVariant: false,
    signingAlgorithm: 'ES256',
    subjectRule: { kind: 'directory-id' },
    releasedClaims: [],
    idJagLifetimeSeconds: 300,
    ...change,
  }
}

export function server(change: Partial<ServerEntry> = {}): ServerEntry {
  return {
    resource: S,
    authorizationServer: R,
    name: 'Chat',
    state: 'approved',
    environment: 'production',
    scopes: [
      { name: READ, title: 'Read', class: 'read' },
      { name: WRITE, title: 'Write', class: 'write' },
      { name: ADMIN, title: 'Administer', class: 'destructive' },
    ],
    tools: [],
    ...change,
  }
}

export function client(id: ClientId, change: Partial<ClientEntry> = {}): ClientEntry {
  return {
    id,
    name: id,
    enabled: true,
    authMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    secrets: [{ sha256: hashSecret(id === B ? SECRET_B : SECRET_A), until: undefined }],
    jwks: publicJwks([clientKey]),
    publicException: false,
    redirectUris: [],
    postLogoutRedirectUris: [],
    applicationType: 'web',
    grantTypes: [TOKEN_EXCHANGE_GRANT],
    registrations: { [R]: `${id}@r` as ClientId, [R2]: `${id}@r2` as ClientId },
    ...change,
  }
}

export function publicClient(change: Partial<ClientEntry> = {}): ClientEntry {
  return client(P, { authMethods: ['none'], secrets: [], jwks: undefined, ...change })
}

export function registry(change: Partial<RegistrySnapshot> = {}): RegistrySnapshot {
  const wikiScopes = [{ name: 'wiki.read' as Scope, title: 'Read', class: 'read' as const }]
  return {
    version: '1',
    authorizationServers: [authorizationServer(), authorizationServer({ issuer: R2, name: 'Wiki' })],
    servers: [
      server(),
      server({ resource: SB, scopes: [{ name: 'files.read' as Scope, title: 'Read', class: 'read' }] }),
      server({ resource: S2, authorizationServer: R2, scopes: wikiScopes }),
    ],
    clients: new Map([client(A), client(B), publicClient()].map((entry) => [entry.id, entry])),
    ...change,
  }
}

export function withClient(entry: ClientEntry): RegistrySnapshot {
  const snapshot = registry()
  return { ...snapshot, clients: new Map([...snapshot.clients, [entry.id, entry]]) }
}

/** An issuer whose parts a test may exchange. */
export interface World {
  readonly context: ExchangeContext
  readonly events: SecurityEvent[]
  readonly logged: unknown[]
  readonly clock: FixedClock
  readonly revocations: RevocationIndex
  readonly people: Map<PersonId, Person>
  readonly signIns: Map<SessionId, SignIn>
  readonly refreshTokens: Map<string, RefreshTokenFacts>
  registry: RegistrySnapshot
  decider: PolicyDecider
  /** What the dependency of that name answers instead of working. */
  readonly down: { events?: FaultCode; people?: FaultCode; keys?: FaultCode }
}

export const pairwiseKey = new TextEncoder().encode('a pairwise key that is 32 bytes or more')

export function world(limits: RateLimitSettings = DEFAULT_RATE_LIMITS): World {
  const signIns = [
    signIn(alice, A),
    signIn(bob, A),
    signIn(carol, A),
    signIn(alice, B),
    signIn(alice, P),
    signIn(alice, A, { sid: 'sid-over' as SessionId, endedAt: (NOW - 1) as EpochSeconds }),
    signIn(alice, A, { sid: 'sid-brief' as SessionId, endedAt: (NOW + 60) as EpochSeconds }),
  ]
  const parts = {
    events: [] as SecurityEvent[],
    logged: [] as unknown[],
    clock: new FixedClock(),
    revocations: createRevocationIndex(),
    people: new Map([alice, bob, carol].map((each) => [each.id, each])),
    signIns: new Map(signIns.map((each) => [each.sid, each])),
    refreshTokens: new Map([
      ['refresh-of-A', refreshToken()],
      ['refresh-of-B', refreshToken({ client: B, sid: `sid-alice-${B}` as SessionId })],
      ['refresh-expired', refreshToken({ expiresAt: NOW })],
    ]),
    registry: registry(),
    decider: decider(),
    down: {} as World['down'],
  }
  const note = (message: string, fields?: unknown) => void parts.logged.push([message, fields])
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const failIf = (code: FaultCode | undefined) => {
    if (code !== undefined) throw new Fault(code, 'unreachable')
  }
  const record = async (event: SecurityEvent) => {
    failIf(parts.down.events)
    parts.events.push(event)
  }
  const context: ExchangeContext = {
    self: I,
    registry: { current: () => parts.registry },
    keys: {
      find: (kid) => [es256, rs256].find((key) => key.kid === kid),
      signer: (alg, now) => {
        failIf(parts.down.keys)
        return signerAt([es256, rs256], alg, now)
      },
    },
    people: {
      find: async (id) => {
        failIf(parts.down.people)
        return parts.people.get(id)
      },
      findByUsername: async () => undefined,
    },
    signIns: { find: async (sid) => parts.signIns.get(sid) },
    refreshTokens: { find: async (value) => parts.refreshTokens.get(value) },
    revocations: parts.revocations,
    policy: { currentDecider: () => parts.decider },
    replay: memoryReplayGuard(),
    limits: createRateLimits(limits),
    grants: {
      commit: async ({ event, withdrawable }) => {
        const ended = parts.revocations.find(withdrawable)
        if (ended === undefined) await record(event)
        return ended
      },
    },
    events: { record },
    log,
    clock: parts.clock,
    random: new SeededRandom('exchange'),
    pairwiseKey,
    skewSeconds: 60,
    explanationPage: (txn: Txn) => `${I}/why/${txn}`,
  }
  return Object.assign(parts, { context })
}

export function refreshToken(change: Partial<RefreshTokenFacts> = {}): RefreshTokenFacts {
  return {
    client: A,
    sid: `sid-alice-${A}` as SessionId,
    issuedAt: (NOW - 300) as EpochSeconds,
    expiresAt: (NOW + 86_400) as EpochSeconds,
    ...change,
  }
}

export const validIdToken = {
  iss: I,
  sub: alice.id,
  aud: A,
  iat: NOW - 10,
  exp: NOW + 3590,
  nonce: 'n',
  auth_time: NOW - 600,
  acr: 'pwd',
  amr: ['pwd'],
  sid: `sid-alice-${A}`,
} as const

export function idToken(
  claims: Readonly<Record<string, unknown>> = {},
  { typ = 'JWT', key = es256 }: { readonly typ?: string; readonly key?: typeof es256 } = {},
): string {
  return signJwt({ ...validIdToken, ...claims }, { typ, key })
}

export function idTokenOf(who: Person, audience: ClientId = A): string {
  return idToken({ sub: who.id, aud: audience, sid: `sid-${who.username}-${audience}` })
}

export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>

/** `TX{…}`: the valid request of A for alice, with overrides; `undefined` takes a parameter away. */
export function tx(change: Parameters = {}): Parameters {
  return {
    grant_type: TOKEN_EXCHANGE_GRANT,
    requested_token_type: ID_JAG_TOKEN_TYPE,
    subject_token_type: ID_TOKEN_TYPE,
    subject_token: idToken(),
    audience: R,
    resource: S,
    scope: READ,
    ...change,
  }
}

export const byRefreshToken = (value: string): Parameters => ({
  subject_token_type: REFRESH_TOKEN_TYPE,
  subject_token: value,
})

export function form(parameters: Parameters): Form {
  const present = Object.entries(parameters).flatMap(([name, value]): [string, readonly string[]][] =>
    value === undefined ? [] : [[name, typeof value === 'string' ? [value] : value]],
  )
  return new Form(new Map(present))
}

export function body(parameters: Parameters): string {
  const search = new URLSearchParams()
  for (const [name, values] of form(parameters).entries()) for (const value of values) search.append(name, value)
  return search.toString()
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

/** A Resource Authorization Server, the issuers it trusts and one it does not, all in memory and with a fixed clock. */
import { type AuthenticatedClient, DEFAULT_RATE_LIMITS, parseForm } from '@carnet/http'
import {
  ACCESS_TOKEN_JWT_TYPE,
  type AccountId,
  accept,
  CLIENT_ASSERTION_TYPE,
  type ClientId,
  type Clock,
  type EpochSeconds,
  type EventSink,
  ID_JAG_JWT_TYPE,
  type IssuerId,
  JWT_BEARER_GRANT,
  type Log,
  type ResourceId,
  type Scope,
  type SessionId,
  SOLE_TENANT,
  type Subject,
  type TokenId,
} from '@carnet/protocol'
import {
  createIssuerKeys,
  createResourceAuthorizationServer,
  type GovernedResource,
  type ResourceAsClient,
  type ResourceAsConfig,
  type ResourceAsPorts,
  type ResourceServerCredential,
  type TrustedIssuer,
} from '@carnet/resource-as'
import { MemoryEvents, unsafeMemoryStores } from '@carnet/resource-as/memory'
import { FixedClock, NOW, SeededRandom } from '@carnet/testing'
import { generateSigningKey, hashSecret, type SigningKey, signJwt } from '@carnet/tokens'

export { ACCESS_TOKEN_JWT_TYPE, NOW }

export const SELF = 'https://auth.chat.test' as IssuerId
export const OTHER_AS = 'https://auth.wiki.test' as IssuerId
export const IDP = 'https://idp.acme.test' as IssuerId
export const IDP2 = 'https://idp.beta.test' as IssuerId
export const EVIL = 'https://idp.evil.test' as IssuerId
export const S = 'https://mcp.chat.test/mcp' as ResourceId
export const Sb = 'https://mcp.chat.test/files' as ResourceId
export const S2 = 'https://mcp.wiki.test/mcp' as ResourceId
export const A = 'a-at-chat' as ClientId
export const B = 'b-at-chat' as ClientId
export const SECRETS = { a: 'secret-of-a', b: 'secret-of-b', rs: 'secret-of-rs', rs2: 'secret-of-rs2' }
export const READ = 'chat.read' as Scope
export const WRITE = 'chat.write' as Scope
export const FILES = 'files.read' as Scope
export const ALICE = 'acct-alice' as AccountId
export const SKEW = 60

export const key = {
  idp: await generateSigningKey('ES256', { kid: 'idp-1' }),
  idp2: await generateSigningKey('ES256', { kid: 'idp-1' }),
  evil: await generateSigningKey('ES256', { kid: 'idp-1' }),
  self: await generateSigningKey('ES256', { kid: 'ras-1' }),
  clientA: await generateSigningKey('ES256', { kid: 'a-1' }),
}

/** As an issuer would publish it: made here, so that what we publish and what we read are tested apart. */
export function jwksOf({ publicKey, kid, alg }: SigningKey) {
  return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }] }
}

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

export const trustIdp: TrustedIssuer = {
  tenant: SOLE_TENANT,
  issuer: IDP,
  issuerTenant: undefined,
  keys: { jwks: jwksOf(key.idp) },
  algorithms: ['ES256', 'RS256'],
  permittedClients: [A, B],
  permittedResources: [S, Sb],
  scopeCeiling: [READ, WRITE, FILES],
  maxLifetimeSeconds: 600,
  unknownScopes: 'refuse',
  subjects: { byExternalId: false, createAccounts: false },
}

export const resources: readonly GovernedResource[] = [
  { tenant: SOLE_TENANT, id: S, scopes: [READ, WRITE], minimumScopes: [READ], tokenLifetimeSeconds: 600 },
  { tenant: SOLE_TENANT, id: Sb, scopes: [FILES], minimumScopes: [], tokenLifetimeSeconds: 600 },
]

export const clientA: ResourceAsClient = {
  id: A,
  tenant: SOLE_TENANT,
  name: 'App A',
  enabled: true,
  authMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  secrets: [{ sha256: hashSecret(SECRETS.a), until: undefined }],
  jwks: jwksOf(key.clientA),
  grantTypes: [JWT_BEARER_GRANT],
  permittedResources: [S, Sb],
  permittedScopes: [READ, WRITE, FILES],
}

export const clientB: ResourceAsClient = {
  ...clientA,
  id: B,
  name: 'App B',
  secrets: [{ sha256: hashSecret(SECRETS.b), until: undefined }],
  jwks: undefined,
}

export const rs: ResourceServerCredential = {
  id: 'rs-chat' as ClientId,
  enabled: true,
  authMethods: ['client_secret_basic', 'client_secret_post'],
  secrets: [{ sha256: hashSecret(SECRETS.rs), until: undefined }],
  jwks: undefined,
  resources: [S],
  tenants: [SOLE_TENANT],
}

export const rs2: ResourceServerCredential = {
  ...rs,
  id: 'rs-files' as ClientId,
  secrets: [{ sha256: hashSecret(SECRETS.rs2), until: undefined }],
  resources: [Sb],
}

/** Claims of a valid ID-JAG for alice; a change to `undefined` takes the claim away. */
export function claims(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    iss: IDP,
    sub: 'alice',
    aud: SELF,
    client_id: A,
    jti: `jag-${++jagCount}`,
    exp: NOW + 300,
    iat: NOW,
    resource: S,
    scope: 'chat.read',
    sid: 'session-1' as SessionId,
    txn: 'AAAAAAAAAAAAAAAAAAAAAA',
    auth_time: NOW - 100,
    acr: 'phr',
    amr: ['hwk'],
    ...change,
  }
}
let jagCount = 0

export interface Signing {
  readonly key?: SigningKey
  readonly typ?: string
  readonly header?: Record<string, unknown>
}

export function idJag(change: Record<string, unknown> = {}, signing: Signing = {}): string {
  const { key: by = key.idp, typ = ID_JAG_JWT_TYPE, header } = signing
  return signJwt(claims(change), { typ, key: by, ...(header !== undefined && { header }) })
}

export function clientAssertion(change: Record<string, unknown> = {}): string {
  const body = { iss: A, sub: A, aud: SELF, jti: `ca-${++jagCount}`, iat: NOW, exp: NOW + 60, ...change }
  return signJwt(body, { typ: 'client-authentication+jwt', key: key.clientA })
}

export const assertionType = CLIENT_ASSERTION_TYPE

export interface Setup {
  readonly config?: Partial<ResourceAsConfig>
  readonly trust?: readonly TrustedIssuer[]
  readonly resources?: readonly GovernedResource[]
  readonly clients?: readonly ResourceAsClient[]
  readonly ports?: Partial<ResourceAsPorts>
  readonly linkAlice?: boolean
  /** The fixed clock unless given. */
  readonly clock?: Clock
}

/** The whole server over memory; alice is linked to an account unless told otherwise. */
export function serve(setup: Setup = {}) {
  const fixedClock = new FixedClock()
  const clock = setup.clock ?? fixedClock
  const random = new SeededRandom('resource-as')
  const events = new MemoryEvents()
  const sink: EventSink = { record: (event) => events.record(event) }
  const stores = unsafeMemoryStores({
    registered: {
      clients: setup.clients ?? [clientA, clientB],
      trustedIssuers: setup.trust ?? [trustIdp],
      resources: setup.resources ?? resources,
      resourceServers: [rs, rs2],
    },
    signingKeys: [key.self],
    events: sink,
    clock,
    random,
  })
  stores.accounts.put({ id: ALICE, tenant: SOLE_TENANT, active: true, endsAt: undefined })
  if (setup.linkAlice !== false) {
    stores.accounts.link(
      { tenant: SOLE_TENANT, issuer: IDP, issuerTenant: undefined, subject: 'alice' as Subject },
      ALICE,
    )
  }
  const outbound: string[] = []
  const http = {
    async send({ url }: { readonly url: string }) {
      outbound.push(url)
      return { status: 404, headers: new Headers(), body: '' }
    },
  }
  const ports: ResourceAsPorts = {
    ...stores,
    issuerKeys: createIssuerKeys({ http, clock }),
    events: sink,
    clock,
    random,
    log: quietLog,
    ...setup.ports,
  }
  const server = createResourceAuthorizationServer(
    { issuer: SELF, rateLimits: DEFAULT_RATE_LIMITS, ...setup.config },
    ports,
  )
  return { server, stores, events: events.recorded, clock: fixedClock, outbound, ports }
}

export type Served = ReturnType<typeof serve>

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

export const AS_A = basic(A, SECRETS.a)

/** The form of a valid redemption; a change to `undefined` takes the parameter away. */
export function redemptionForm(assertion: string | undefined, change: Record<string, string | undefined> = {}): string {
  const parameters = { grant_type: JWT_BEARER_GRANT, assertion, ...change }
  const present = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return new URLSearchParams(present).toString()
}

export function post(body: string, headers: Record<string, string> = {}, url = `${SELF}/token`): Request {
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: AS_A, ...headers },
    body,
  })
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

/** Redeems through the endpoint as client A. */
export async function redeemAt(
  { server }: Pick<Served, 'server'>,
  assertion: string | undefined,
  change: Record<string, string | undefined> = {},
  headers: Record<string, string> = {},
): Promise<Answered> {
  return answered(await server.fetch(post(redemptionForm(assertion, change), headers, `${server.issuer}/token`)))
}

/** What A has proved to be, for tests that begin after client authentication. */
export const authenticatedA = accept<AuthenticatedClient<ResourceAsClient>>({
  client: clientA,
  method: 'client_secret_basic',
})

export function form(body: string) {
  const parsed = parseForm(body, new Set())
  if (!parsed.ok) throw new Error(parsed.refusal.reason)
  return parsed.value
}

export const at = (seconds: number) => (NOW + seconds) as EpochSeconds
export const tokenId = (value: string) => value as TokenId

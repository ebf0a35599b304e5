/** The issuer: which endpoint answers which path. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sourceOf, trustedProxies } from '@carnet/http'
import { Fault, type KeyId, type PersonId, type Txn } from '@carnet/protocol'
import { type IssuerConfig, type IssuerOptions, issuerConfig } from './config.ts'
import { createCurrentProvider } from './oidc/current-provider.ts'
import { createDocuments } from './oidc/documents.ts'
import { keysRotated } from './oidc/events.ts'
import { answerBy, authenticatedRequest } from './oidc/forward.ts'
import { loadOidcProvider } from './oidc/load-oidc-provider.ts'
import { takeLogoutForm } from './oidc/logout-form.ts'
import { issuerPages } from './oidc/pages.ts'
import type { OidcRecords, SignInRecords, SigningKeyStore } from './oidc/ports.ts'
import { buildProvider } from './oidc/provider.ts'
import { createRefreshTokens } from './oidc/refresh-tokens.ts'
import { openRotatingKeys, type RotationOptions } from './oidc/rotating-keys.ts'
import { pathOf, ROUTES } from './oidc/routes.ts'
import { handleServers } from './oidc/servers-endpoint.ts'
import { type ClientEndpoint, handleClientEndpoint } from './oidc/token-endpoint.ts'
import type { ExchangeContext } from './ports.ts'
import { handleSignIn } from './sign-in/endpoint.ts'
import type { SignInMethod } from './sign-in/method.ts'

type FromConfig = 'self' | 'skewSeconds' | 'keys' | 'refreshTokens' | 'explanationPage' | 'signIns'

/** What the issuer needs from outside. */
export interface IssuerPorts extends Omit<ExchangeContext, FromConfig> {
  readonly signIns: SignInRecords
  readonly records: OidcRecords
  readonly signingKeys: SigningKeyStore
  readonly signIn: SignInMethod
  /** The page where a person reads why they were refused; the issuer's own `/why/<txn>` unless given. */
  readonly explanationPage?: (txn: Txn) => string
}

export interface Issuer {
  readonly config: IssuerConfig
  /** Answers the issuer's paths, and hands every other request to `next`, or answers it 404. */
  handler(request: IncomingMessage, response: ServerResponse, next?: () => void): void
  /** Begins the use of a new signing key, on every process. */
  rotateKeys(options?: Partial<RotationOptions>): Promise<KeyId>
  /** Emergency: replaces a signing key at once; nothing it signed is believed any more. */
  withdrawKey(kid: KeyId): Promise<void>
  /** Ends everything a person holds here: sessions, codes, refresh tokens, sign-ins. Does not disable the account. */
  endPerson(person: PersonId): Promise<void>
  close(): void
}

/**
 * Creates the issuer.
 *
 * @throws {Fault} `configuration-invalid`, naming every problem
 */
export async function createIssuer(options: IssuerOptions, ports: IssuerPorts): Promise<Issuer> {
  const config = issuerConfig(options)
  checkSignIn(config, ports.signIn)
  const { issuer } = config
  const { clock, random, records, signIns, signIn, events } = ports
  const module = await loadOidcProvider()
  const retainSeconds = config.idTokenSeconds + config.clockSkewSeconds
  const keys = await openRotatingKeys(ports.signingKeys, { ...config, retainSeconds }, ports)
  const internalSecret = random.token(32)
  const about = { ...ports, self: issuer, upstream: signIn.upstream, pages: issuerPages }
  const current = createCurrentProvider(
    (ring, now) => buildProvider(module, config, ring, now, { ...about, acrValues: signIn.acrValues, internalSecret }),
    keys,
    clock,
  )
  const documents = createDocuments(config, signIn.acrValues, keys, clock)
  const proxies = trustedProxies(config.trustedProxies)
  const source = (request: IncomingMessage) => {
    const forwarded = request.headers['x-forwarded-for']
    return sourceOf(request.socket.remoteAddress ?? '', typeof forwarded === 'string' ? forwarded : undefined, proxies)
  }
  const forClients = {
    ...about,
    keys,
    refreshTokens: createRefreshTokens(records),
    skewSeconds: config.clockSkewSeconds,
    explanationPage: ports.explanationPage ?? ((txn: Txn) => `${issuer}/why/${txn}`),
    sourceOf: source,
    forward: (...[request, response, form, client]: Parameters<ClientEndpointForward>) => {
      authenticatedRequest(request, form, client, internalSecret)
      answerBy(current.get(), issuer, request, response)
    },
  }
  const forPeople = { ...about, sourceOf: source, SessionNotFound: module.errors.SessionNotFound }

  const base = pathOf(issuer)
  const clientEndpoints = new Map<string, ClientEndpoint>([
    [base + ROUTES.token, 'token'],
    [base + ROUTES.revocation, 'revocation'],
    [base + ROUTES.introspection, 'introspection'],
  ])

  async function answer(request: IncomingMessage, response: ServerResponse, next?: () => void): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const clientEndpoint = clientEndpoints.get(path)
    if (clientEndpoint !== undefined) return handleClientEndpoint(clientEndpoint, request, response, forClients)
    if (documents(path, request, response)) return
    if (path === base + ROUTES.servers) return handleServers(request, response, current.get(), forClients)
    if (isUnder(path, base + ROUTES.interaction)) return handleSignIn(request, response, current.get(), forPeople)
    if (path === base + ROUTES.endSession && request.method === 'POST') {
      if (!(await takeLogoutForm(request, response, issuer + ROUTES.endSession))) return
      return answerBy(current.get(), issuer, request, response)
    }
    if (isProviderPath(path, base)) return answerBy(current.get(), issuer, request, response)
    if (next !== undefined) return next()
    response.writeHead(404, { 'content-type': 'text/plain' })
    response.end('Not found')
  }

  return {
    config,
    handler(request, response, next) {
      answer(request, response, next).catch((error: unknown) => {
        ports.log.error('A request to the issuer failed', { error })
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    },
    async rotateKeys(rotation = {}) {
      const key = await keys.rotate({ algorithm: config.idTokenAlgorithm, ...rotation })
      await events.record(keysRotated(key.kid, { reporter: issuer, at: clock.now() }))
      return key.kid
    },
    async withdrawKey(kid) {
      await keys.withdraw(kid)
      await events.record(keysRotated(kid, { reporter: issuer, at: clock.now() }))
    },
    async endPerson(person) {
      await records.removePerson(person)
      await signIns.end({ person }, clock.now())
    },
    close() {
      current.close()
      keys.close()
    },
  }
}

type ClientEndpointForward = Parameters<typeof handleClientEndpoint>[3]['forward']

function checkSignIn({ environment }: IssuerConfig, signIn: SignInMethod): void {
  if (environment === 'production' && signIn.forDemonstrationOnly) {
    throw new Fault('configuration-invalid', 'signIn: the demo sign-in does not run in production')
  }
}

function isUnder(path: string, parent: string): boolean {
  return path.startsWith(`${parent}/`)
}

/** The paths that `oidc-provider` answers by itself. */
function isProviderPath(path: string, base: string): boolean {
  return (
    [ROUTES.authorization, ROUTES.endSession].some((route) => path === base + route || isUnder(path, base + route)) ||
    path === base + ROUTES.userinfo
  )
}

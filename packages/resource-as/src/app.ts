/**
 * A Resource Authorization Server as one web-standard handler: routes to endpoints, and nothing that decides.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4 ID-JAG §4.4}
 */
import {
  type Answer,
  type AuthenticatedClient,
  type AuthenticatingClient,
  authenticateClient,
  type ClientDirectory,
  type ClientRefusal,
  type ClientRequest,
  clientError,
  clientRefusedEvent,
  createRateLimits,
  Form,
  fixedError,
  jsonAnswer,
  oauthErrorAnswer,
  type RateLimits,
  readForm,
  STRICT_FORM,
  sourceOf,
  toResponse,
} from '@carnet/http'
import type { EpochSeconds, IssuerId, Log, Result } from '@carnet/protocol'
import { receiveEvents, serveFeed } from '@carnet/revocation'
import { publicJwks, publishedAt } from '@carnet/tokens'
import { applyIssuerRevocation, type IssuerRevocation } from './apply-issuer-revocation.ts'
import { type ResourceAsConfig, type ResourceAsSettings, settingsOf } from './config.ts'
import { introspection } from './endpoints/introspection.ts'
import { checkMetadata, type Metadata, metadataDocument } from './endpoints/metadata.ts'
import { NO_INTERACTIVE_FLOW } from './endpoints/no-interactive-flow.ts'
import { type OwnTokenVerdict, verifyOwnToken } from './endpoints/own-token.ts'
import { ENDPOINTS, issuerPath, metadataPaths } from './endpoints/paths.ts'
import { publicDocument } from './endpoints/public-document.ts'
import { answerRevocation } from './endpoints/revocation.ts'
import { answerMalformed, answerTokenRequest, type TokenRequest } from './endpoints/token.ts'
import { requestMalformed } from './events.ts'
import { guardedBy } from './failures.ts'
import { mintTxn, type ResourceAsClient, type ResourceAsPorts, type ResourceServerCredential } from './ports.ts'
import { createRedemptionQuota } from './redeem/quota.ts'
import type { RedemptionContext } from './redeem/redeem.ts'

export interface ResourceAuthorizationServer {
  readonly issuer: IssuerId
  /** What `redeem` needs, for a token endpoint of somebody else's. */
  readonly redemption: RedemptionContext & { readonly limits: RateLimits }
  readonly settings: ResourceAsSettings
  readonly log: Log
  /** The metadata as it is published now. */
  metadata(): Metadata
  /** Whether a request for this path is ours to answer. */
  owns(pathname: string): boolean
  /**
   * Answers any request for this server, failures of ours included.
   *
   * @param peer - the other end of the connection, as an address
   */
  fetch(request: Request, peer?: string): Promise<Response>
  /** The token endpoint for a host that reads requests itself: no `Request` or `Response` is made. */
  token(request: TokenRequest): Promise<Answer>
  /** The introspection and revocation endpoints, the same way. */
  introspect(request: TokenRequest): Promise<Answer>
  revoke(request: TokenRequest): Promise<Answer>
  /** The source under which requests of this peer are counted. */
  sourceOf(peer: string, forwardedFor: string | undefined): string
  /** @throws {Fault} `store-unavailable`: apply it again */
  applyIssuerRevocation(revocation: IssuerRevocation): Promise<void>
}

/** @throws {Fault} `configuration-invalid`, naming every problem */
export function createResourceAuthorizationServer(
  config: ResourceAsConfig,
  ports: ResourceAsPorts,
): ResourceAuthorizationServer {
  const settings = settingsOf(config)
  const { issuer, skewSeconds, proxies } = settings
  const limits = createRateLimits(settings.rateLimits)
  const guarded = guardedBy({ ...ports, issuer })
  const { registrations, signingKeys, clock, random, events, revocations, log } = ports

  function authenticate<Client extends AuthenticatingClient>(
    request: ClientRequest,
    clients: ClientDirectory<Client>,
    now: EpochSeconds,
  ): Promise<Result<AuthenticatedClient<Client>, ClientRefusal>> {
    return authenticateClient(request, { self: issuer, clients, replay: ports.replay, limits, now, skewSeconds })
  }

  const clients: ClientDirectory<ResourceAsClient> = { find: (id) => registrations.current().clients.get(id) }
  const redemption = {
    ...ports,
    self: issuer,
    sameTrustDomain: settings.sameTrustDomain,
    skewSeconds,
    signingAlgorithm: settings.signingAlgorithm,
    quota: createRedemptionQuota(settings.quota),
    limits,
    authenticate: (request: ClientRequest, now: EpochSeconds) => authenticate(request, clients, now),
  }
  const resourceServers: ClientDirectory<ResourceServerCredential> = {
    find: (id) => registrations.current().resourceServers.get(id),
  }
  const metadata = () => metadataDocument(issuer, settings.signingAlgorithm, registrations.current().scopes)
  checkMetadata(metadata())

  const source = (request: Request, peer: string) =>
    sourceOf(peer, request.headers.get('x-forwarded-for') ?? undefined, proxies)
  const authorizationOf = (request: Request) => request.headers.get('authorization') ?? undefined

  async function token(request: TokenRequest): Promise<Answer> {
    return guarded.answer(() => answerTokenRequest(request, redemption))
  }

  /** A form endpoint, for a web-standard request. */
  function formEndpoint(answer: (request: TokenRequest) => Promise<Answer>) {
    return async (request: Request, peer: string): Promise<Response> => {
      const form = await readForm(request, STRICT_FORM)
      const answered = await answer({ form, authorization: authorizationOf(request), source: source(request, peer) })
      return toResponse(answered)
    }
  }

  /** A form endpoint that looks at one of our own tokens for an authenticated caller. */
  function aboutToken<Client extends AuthenticatingClient>(
    clients: ClientDirectory<Client>,
    answer: (presented: OwnTokenVerdict, caller: Client, now: EpochSeconds) => Promise<Answer> | Answer,
  ) {
    return ({ form, authorization, source }: TokenRequest): Promise<Answer> =>
      guarded.answer(async () => {
        if (!form.ok) return answerMalformed(form.refusal, source, redemption)
        const now = clock.now()
        const caller = await authenticate({ form: form.value, authorization, source }, clients, now)
        if (!caller.ok) return answerUnauthenticated(caller.refusal, now)
        if (caller.value.method === 'none') return oauthErrorAnswer(fixedError('invalid_client'), mintTxn(random))
        const presented = form.value.get('token')
        if (presented === undefined) {
          const facts = { reporter: issuer, at: now, txn: mintTxn(random) }
          await events.record(requestMalformed(facts, { reason: 'token-missing' }, 1))
          return oauthErrorAnswer(fixedError('invalid_request'), facts.txn)
        }
        const verdict = verifyOwnToken(presented, { self: issuer, ring: signingKeys.ring(), now })
        return answer(verdict, caller.value.client, now)
      })
  }

  const introspect = aboutToken(resourceServers, (verdict, caller) =>
    jsonAnswer(200, introspection(verdict, caller, revocations.index)),
  )
  const revoke = aboutToken(clients, (verdict, client, now) =>
    answerRevocation({ token: verdict, client, now, txn: mintTxn(random) }, ports),
  )

  /** An endpoint for resource servers that authenticate with HTTP Basic alone. */
  function forResourceServers(answer: (request: Request, caller: ResourceServerCredential) => Promise<Response>) {
    return (request: Request, peer: string): Promise<Response> =>
      guarded.response(async () => {
        const now = clock.now()
        const asking = { form: NO_FORM, authorization: authorizationOf(request), source: source(request, peer) }
        const caller = await authenticate(asking, resourceServers, now)
        if (!caller.ok) return toResponse(await answerUnauthenticated(caller.refusal, now))
        return answer(request, caller.value.client)
      })
  }

  async function answerUnauthenticated(refusal: ClientRefusal, now: EpochSeconds): Promise<Answer> {
    const txn = mintTxn(random)
    const event = clientRefusedEvent(refusal, { reporter: issuer, at: now, txn })
    if (event !== undefined) await events.record(event)
    // These endpoints are for Basic: a caller without credentials is told so.
    return oauthErrorAnswer({ ...clientError(refusal), ...(refusal.reason === 'no-credentials' && BASIC) }, txn)
  }

  const documents = {
    metadata: publicDocument(metadata, 'application/json'),
    jwks: publicDocument(() => publicJwks(publishedAt(signingKeys.ring(), clock.now())), 'application/jwk-set+json'),
  }
  const path = issuerPath(issuer)
  const routes = new Map<string, (request: Request, peer: string) => Promise<Response>>([
    ...metadataPaths(issuer).map((at) => [at, documents.metadata] as const),
    [path + ENDPOINTS.jwks, documents.jwks],
    [path + ENDPOINTS.token, formEndpoint(token)],
    [path + ENDPOINTS.introspect, formEndpoint(introspect)],
    [path + ENDPOINTS.revoke, formEndpoint(revoke)],
    [path + ENDPOINTS.authorize, async () => toResponse(NO_INTERACTIVE_FLOW)],
    [
      path + ENDPOINTS.revocations,
      forResourceServers((request, { resources, tenants }) =>
        serveFeed(request, {
          log: revocations.log,
          resources,
          tenants,
          clock,
          heartbeatSeconds: settings.feedHeartbeatSeconds,
        }),
      ),
    ],
    [
      path + ENDPOINTS.events,
      forResourceServers((request, { resources, tenants }) =>
        receiveEvents(request, { resources, tenants, sink: events, clock }),
      ),
    ],
  ])

  return {
    issuer,
    redemption,
    settings,
    log,
    metadata,
    owns: (pathname) => routes.has(pathname) || (path !== '' && pathname.startsWith(`${path}/`)),
    token,
    introspect,
    revoke,
    sourceOf: (peer, forwardedFor) => sourceOf(peer, forwardedFor, proxies),
    async fetch(request, peer = UNKNOWN_PEER) {
      const route = routes.get(new URL(request.url).pathname)
      if (route === undefined) return new Response('Not found\n', { status: 404, headers: NOT_FOUND })
      return guarded.response(() => route(request, peer))
    },
    applyIssuerRevocation: (revocation) =>
      applyIssuerRevocation(revocation, {
        accounts: ports.accounts,
        tokens: ports.tokens,
        revocations,
        trusted: registrations.current().trustedIssuers,
      }),
  }
}

const UNKNOWN_PEER = '0.0.0.0'
const NO_FORM = new Form(new Map())
const BASIC = { challengeBasic: true } as const
const NOT_FOUND = { 'content-type': 'text/plain; charset=utf-8' }

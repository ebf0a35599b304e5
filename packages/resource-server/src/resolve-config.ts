/** Turns a configuration into settled facts, or names everything that is wrong with it at once. */

import { checkTarget } from '@carnet/net'
import {
  Fault,
  Hidden,
  type IssuerId,
  isScope,
  OFFLINE_ACCESS,
  type ResourceId,
  resourceKey,
  type Scope,
} from '@carnet/protocol'
import { type EventsEndpoint, FEED_DEFAULTS, type FeedConfig } from '@carnet/revocation'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@carnet/tokens'
import type { AuthorizationServerConfig, EndpointOptions, GuardConfig } from './config.ts'
import type { AddressPolicy } from './rules/address.ts'
import { type ScopeRules, scopeRules } from './rules/scope-rules.ts'
import type { IntrospectionEndpoint } from './verify/introspect.ts'

export interface ResolvedConfig {
  readonly resource: ResourceId
  readonly name: string | undefined
  readonly servers: readonly ResolvedServer[]
  readonly scopes: readonly Scope[]
  readonly rules: ScopeRules
  readonly address: AddressPolicy
  readonly requireExtension: boolean
  readonly skewSeconds: number
  readonly maxTokens: number
  readonly maxQueuedEvents: number
  readonly allowInsecureLoopback: boolean
}

export interface ResolvedServer {
  readonly issuer: IssuerId
  readonly jwksUri: string | undefined
  readonly algorithms: readonly SigningAlgorithm[]
  readonly feed: FeedConfig | undefined
  readonly introspection: (IntrospectionEndpoint & { readonly cacheSeconds: number }) | undefined
  readonly events: EventsEndpoint | undefined
}

/** @throws {Fault} `configuration-invalid`, naming every problem by its path */
export function resolveConfig(config: GuardConfig): ResolvedConfig {
  const problems = problemsOf(config)
  if (problems.length > 0) {
    throw new Fault(
      'configuration-invalid',
      `The guard cannot start:\n${problems.map((line) => `- ${line}`).join('\n')}`,
    )
  }
  const { hostname, origin } = new URL(config.resource)
  return {
    resource: config.resource as ResourceId,
    name: config.name,
    servers: config.authorizationServers.map(resolveServer),
    scopes: (config.scopes ?? []) as readonly Scope[],
    rules: scopeRules(
      config.tools as Readonly<Record<string, readonly Scope[]>>,
      (config.impliedScopes ?? {}) as Readonly<Record<string, readonly Scope[]>>,
    ),
    address: {
      hosts: new Set((config.allowedHosts ?? [hostname]).map((host) => host.toLowerCase())),
      origins: new Set(config.allowedOrigins ?? [origin]),
    },
    requireExtension: config.requireExtension ?? false,
    skewSeconds: config.skewSeconds ?? 60,
    maxTokens: config.maxTokens ?? 10_000,
    maxQueuedEvents: config.maxQueuedEvents ?? 10_000,
    allowInsecureLoopback: config.allowInsecureLoopback ?? false,
  }
}

function resolveServer(server: AuthorizationServerConfig): ResolvedServer {
  const { issuer, jwksUri, algorithms = SIGNING_ALGORITHMS, feed, introspection, events } = server
  return {
    issuer: issuer as IssuerId,
    jwksUri,
    algorithms,
    feed: feed && {
      ...endpoint(feed, issuer, 'revocations'),
      staleAfterSeconds: feed.staleAfterSeconds ?? FEED_DEFAULTS.staleAfterSeconds,
      pollSeconds: FEED_DEFAULTS.pollSeconds,
    },
    introspection: introspection && {
      ...endpoint(introspection, issuer, 'introspect'),
      issuer: issuer as IssuerId,
      cacheSeconds: introspection.cacheSeconds ?? 30,
    },
    events: events && endpoint(events, issuer, 'events'),
  }
}

function endpoint({ id, secret, url }: EndpointOptions, issuer: string, name: string): EventsEndpoint {
  return { id, secret: new Hidden(secret), url: url ?? `${issuer}/${name}` }
}

function problemsOf(config: GuardConfig): readonly string[] {
  const { resource, authorizationServers: servers, allowInsecureLoopback = false } = config
  const urlProblem = (url: string) => {
    const target = checkTarget(url, { allowInsecureLoopback, onlyHosts: undefined })
    return target.ok ? undefined : `must be an https URL (${target.refusal.reason})`
  }
  const scopeLists = [
    ['scopes', config.scopes ?? []] as const,
    ...Object.entries(config.tools).map(([tool, scopes]) => [`tools.${tool}`, scopes] as const),
    ...Object.entries(config.impliedScopes ?? {}).map(
      ([broad, scopes]) => [`impliedScopes.${broad}`, [broad, ...scopes]] as const,
    ),
  ]
  const issuers = servers.map(({ issuer }) => issuer)
  return [
    problem('resource', resourceKey(resource) === undefined && 'must be an absolute http(s) URI without a fragment'),
    problem('authorizationServers', servers.length === 0 && 'must name at least one'),
    problem('authorizationServers', new Set(issuers).size !== issuers.length && 'names an issuer twice'),
    problem(
      'authorizationServers',
      servers.filter(({ introspection }) => introspection).length > 1 &&
        'only one may have introspection: a token that is no JWT does not say whom to ask',
    ),
    ...servers.flatMap((server, at) => serverProblems(server, `authorizationServers[${at}]`, urlProblem)),
    ...scopeLists.map(([path, scopes]) => problem(path, !scopes.every(isScope) && 'holds something that is no scope')),
    problem('scopes', config.scopes?.includes(OFFLINE_ACCESS) && 'must not hold offline_access'),
    range('skewSeconds', config.skewSeconds, 0, 120),
    range('maxTokens', config.maxTokens, 1, 1_000_000),
    range('maxQueuedEvents', config.maxQueuedEvents, 1, 1_000_000),
  ].filter((found) => found !== undefined)
}

function serverProblems(
  { issuer, jwksUri, feed, introspection, events }: AuthorizationServerConfig,
  path: string,
  urlProblem: (url: string) => string | undefined,
): readonly (string | undefined)[] {
  const urls = {
    issuer,
    jwksUri,
    'feed.url': feed?.url,
    'introspection.url': introspection?.url,
    'events.url': events?.url,
  }
  return [
    ...Object.entries(urls).map(([name, url]) => problem(`${path}.${name}`, url !== undefined && urlProblem(url))),
    problem(`${path}.issuer`, issuer.endsWith('/') && 'must not end with a slash: endpoints are found below it'),
    ...Object.entries({ feed, introspection, events }).map(([name, options]) =>
      problem(
        `${path}.${name}`,
        options !== undefined && (options.id === '' || options.secret === '') && 'needs an id and a secret',
      ),
    ),
    range(`${path}.feed.staleAfterSeconds`, feed?.staleAfterSeconds, 2, 300),
    range(`${path}.introspection.cacheSeconds`, introspection?.cacheSeconds, 0, 60),
  ]
}

function problem(path: string, found: string | false | undefined): string | undefined {
  return found ? `${path}: ${found}` : undefined
}

function range(path: string, value: number | undefined, least: number, most: number): string | undefined {
  return problem(path, value !== undefined && !(value >= least && value <= most) && `must be ${least} to ${most}`)
}

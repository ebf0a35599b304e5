/** What an operator decides about a Resource Authorization Server. Everything else is data: see `ports.ts`. */
import { DEFAULT_RATE_LIMITS, type RateLimitSettings, type TrustedProxies, trustedProxies } from '@carnet/http'
import { Fault, type IssuerId } from '@carnet/protocol'
import type { SigningAlgorithm } from '@carnet/tokens'
import { DEFAULT_QUOTA, type QuotaSettings } from './redeem/quota.ts'

export interface ResourceAsConfig {
  /** This server's issuer identifier, with or without a path; published exactly as written here. */
  readonly issuer: string
  /** Issuers that are this server under another name: their grants are refused, trust entry or not. */
  readonly sameTrustDomain?: readonly string[]
  /** Tolerated clock difference to the issuers, in seconds: 0 to 120, 60 unless given. */
  readonly clockSkewSeconds?: number
  /** Algorithm of the access tokens; ES256 unless given. */
  readonly signingAlgorithm?: SigningAlgorithm
  readonly rateLimits?: RateLimitSettings
  /** Addresses or CIDR ranges of our own proxies, whose `X-Forwarded-For` is believed; none unless given. */
  readonly trustedProxies?: readonly string[]
  /** How many used-up assertions are remembered for one issuer and one client. */
  readonly quota?: QuotaSettings
  /** Longest silence on an open revocation feed, in seconds; 15 unless given. */
  readonly feedHeartbeatSeconds?: number
}

export interface ResourceAsSettings {
  readonly issuer: IssuerId
  readonly sameTrustDomain: readonly IssuerId[]
  readonly skewSeconds: number
  readonly signingAlgorithm: SigningAlgorithm
  readonly rateLimits: RateLimitSettings
  readonly proxies: TrustedProxies
  readonly quota: QuotaSettings
  readonly feedHeartbeatSeconds: number
}

/** @throws {Fault} `configuration-invalid`, naming every problem by path */
export function settingsOf(config: ResourceAsConfig): ResourceAsSettings {
  const { clockSkewSeconds = 60, feedHeartbeatSeconds = 15 } = config
  const problems = [
    ...issuerProblems(config.issuer),
    ...(clockSkewSeconds >= 0 && clockSkewSeconds <= 120 ? [] : ['clockSkewSeconds: must be 0 to 120']),
    ...(feedHeartbeatSeconds >= 1 && feedHeartbeatSeconds <= 60 ? [] : ['feedHeartbeatSeconds: must be 1 to 60']),
  ]
  if (problems.length > 0) {
    throw new Fault('configuration-invalid', `Resource Authorization Server: ${problems.join('; ')}`)
  }
  return {
    issuer: config.issuer as IssuerId,
    sameTrustDomain: (config.sameTrustDomain ?? []) as readonly IssuerId[],
    skewSeconds: clockSkewSeconds,
    signingAlgorithm: config.signingAlgorithm ?? 'ES256',
    rateLimits: config.rateLimits ?? DEFAULT_RATE_LIMITS,
    proxies: trustedProxies(config.trustedProxies ?? []),
    quota: config.quota ?? DEFAULT_QUOTA,
    feedHeartbeatSeconds,
  }
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

function issuerProblems(issuer: string): readonly string[] {
  if (!URL.canParse(issuer)) return ['issuer: must be an absolute URL']
  const { protocol, hostname, search, hash, username } = new URL(issuer)
  const secure = protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname))
  return [
    ...(secure ? [] : ['issuer: must be https (http only on loopback)']),
    ...(search === '' && hash === '' && username === '' ? [] : ['issuer: must have no query, fragment or user']),
    ...(issuer.endsWith('/') ? ['issuer: must not end in a slash'] : []),
  ]
}

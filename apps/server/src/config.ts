/** Everything a Carnet server can be told. */
import type { RateLimitSettings } from '@carnet/http'
import type { Hidden, IssuerId } from '@carnet/protocol'
import type { LogOptions } from './log.ts'

export interface ServerConfig {
  /** `production` refuses the demo sign-in and plain http beyond loopback. */
  readonly mode: 'production' | 'demonstration'
  /** The issuer identifier, exactly as every peer spells it. */
  readonly issuer: IssuerId
  readonly listen: { readonly host: string; readonly port: number }
  readonly database: { readonly url: Hidden } | { readonly folder: string }
  /** 32 bytes as base64url: seals private keys at rest, and what follows from it. */
  readonly masterKey: Hidden
  readonly adminApiKey: Hidden
  /** Addresses whose `X-Forwarded-For` is believed; nobody's by default. */
  readonly trustedProxies: readonly string[]
  /** Resource Authorization Servers in this process, by issuer identifier; each is a trust domain of its own. */
  readonly hosted: readonly HostedConfig[]
  readonly log: LogOptions
  readonly rateLimits?: RateLimitSettings
  /** How long a new signing key is published before it signs, in seconds; as long as peers may keep a key set unless given. */
  readonly keyPublishAheadSeconds?: number
}

export interface HostedConfig {
  readonly issuer: IssuerId
  /** `oidc-provider` adds the interactive flows to what redeems ID-JAGs. */
  readonly kind: 'standalone' | 'oidc-provider'
}

/** Everything a Carnet server can be told. */
import type { RateLimitSettings } from '@carnet/http'
import type { Hidden, IssuerId } from '@carnet/protocol'
import type { sharedConfiguration } from '@carnet/resource-as/oidc-provider'
import type { Provider } from 'oidc-provider'
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

/** What the vendor's provider must share with the Resource AS in front of it to be one server with it. */
export interface HostedShared {
  readonly issuer: IssuerId
  /** The same keys, and access tokens of the same form. */
  readonly configuration: ReturnType<typeof sharedConfiguration>
}

export interface HostedConfig {
  readonly issuer: IssuerId
  /**
   * Builds the `oidc-provider` that adds the interactive flows; called again when the keys have changed. Standalone
   * without it.
   */
  readonly inFrontOf?: (shared: HostedShared) => Promise<Provider>
}

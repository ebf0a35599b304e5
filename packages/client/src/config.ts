/** Every option of the client. All of it is the organization's to decide; nothing here is learnt from a server. */

import { createOutboundHttp } from '@carnet/net'
import {
  type ClientId,
  type Clock,
  Fault,
  Hidden,
  type IssuerId,
  type OutboundHttp,
  type Random,
} from '@carnet/protocol'
import { type SigningKey, systemClock, systemRandom } from '@carnet/tokens'
import { isHttps, isLoopbackHttp } from './http/urls.ts'
import { openSystemBrowser } from './sign-in/open-browser.ts'
import type { TokenStore } from './store/token-store.ts'

/** Credentials at one particular authorization server. With neither secret nor key the client is public. */
export interface CredentialsConfig {
  readonly id: string
  readonly secret?: string
  /** For `private_key_jwt`; preferred over a secret where the server takes it. */
  readonly privateKey?: SigningKey
}

export interface ClientConfig {
  /** The issuer identifier of the company's IdP Authorization Server, exactly. */
  readonly issuer: string
  /** This application at that issuer. */
  readonly client: CredentialsConfig
  /** This application at each Resource Authorization Server, by issuer identifier, exactly. */
  readonly registrations: Readonly<Record<string, CredentialsConfig>>
  readonly store: TokenStore
  /** Opens a URL that has already been checked; the system browser unless given. */
  readonly openBrowser?: (url: string) => Promise<void>
  readonly http?: OutboundHttp
  readonly clock?: Clock
  readonly random?: Random
  /** Path of the registered loopback redirect URI; the port varies. */
  readonly redirectPath?: string
  /** Scopes of the sign-in. `offline_access` lets the sign-in outlive its ID Token. */
  readonly signInScopes?: readonly string[]
  /** An administrator vouches that the issuer supports PKCE with S256 although its metadata does not say so (Δ C-43). */
  readonly allowUnadvertisedS256?: true
  /** Permits `http:` and loopback addresses, for development on one machine. */
  readonly allowInsecureLoopback?: true
}

export interface Credentials {
  readonly id: ClientId
  readonly secret: Hidden | undefined
  readonly privateKey: SigningKey | undefined
}

/** The configuration, checked, with every default filled in. */
export interface Settings {
  readonly issuer: IssuerId
  readonly client: Credentials
  readonly registrations: ReadonlyMap<string, Credentials>
  readonly store: TokenStore
  readonly openBrowser: (url: string) => Promise<void>
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly random: Random
  readonly redirectPath: string
  readonly signInScopes: readonly string[]
  readonly allowUnadvertisedS256: boolean
  readonly allowInsecureLoopback: boolean
}

/** @throws {Fault} `configuration-invalid`, naming every problem by path */
export function readSettings(config: ClientConfig): Settings {
  const { allowInsecureLoopback, redirectPath = '/callback' } = config
  const problems: string[] = []
  const issuerFits = (issuer: string) => isHttps(issuer) || (allowInsecureLoopback === true && isLoopbackHttp(issuer))
  if (!issuerFits(config.issuer)) problems.push('issuer: must be an https URL')
  if (config.client.id === '') problems.push('client.id: must not be empty')
  for (const [issuer, { id }] of Object.entries(config.registrations)) {
    if (!issuerFits(issuer)) problems.push(`registrations[${JSON.stringify(issuer)}]: must be an https URL`)
    if (id === '') problems.push(`registrations[${JSON.stringify(issuer)}].id: must not be empty`)
  }
  if (!/^\/[A-Za-z0-9._~/-]*$/.test(redirectPath)) problems.push('redirectPath: must be an absolute path')
  if (problems.length > 0) throw new Fault('configuration-invalid', problems.join('; '))

  return {
    issuer: config.issuer as IssuerId,
    client: credentialsOf(config.client),
    registrations: new Map(
      Object.entries(config.registrations).map(([issuer, credentials]) => [issuer, credentialsOf(credentials)]),
    ),
    store: config.store,
    openBrowser: config.openBrowser ?? openSystemBrowser,
    http: config.http ?? createOutboundHttp(allowInsecureLoopback === true ? { allowInsecureLoopback } : {}),
    clock: config.clock ?? systemClock,
    random: config.random ?? systemRandom,
    redirectPath,
    signInScopes: config.signInScopes ?? ['openid', 'offline_access'],
    allowUnadvertisedS256: config.allowUnadvertisedS256 === true,
    allowInsecureLoopback: allowInsecureLoopback === true,
  }
}

function credentialsOf({ id, secret, privateKey }: CredentialsConfig): Credentials {
  return { id: id as ClientId, secret: secret === undefined ? undefined : new Hidden(secret), privateKey }
}

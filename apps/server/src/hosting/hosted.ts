/** A Resource Authorization Server beside the issuer: its own identifier, keys, accounts and trust; the same process and database. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RateLimitSettings } from '@carnet/http'
import { openRotatingKeys, type RotatingKeys } from '@carnet/idp'
import type { Clock, Log, OutboundHttp, Random } from '@carnet/protocol'
import { createResourceAuthorizationServer, type ResourceAuthorizationServer } from '@carnet/resource-as'
import { type NodeListener, nodeListener } from '@carnet/resource-as/node'
import { inFrontOf, sharedConfiguration } from '@carnet/resource-as/oidc-provider'
import { systemTimer } from '@carnet/revocation'
import { createSigningKeyStore, openResourceAs, type ResourceAsStore } from '@carnet/storage'
import type { MasterKey } from '@carnet/tokens'
import type { HostedConfig } from '../config.ts'
import type { Stores } from '../stores.ts'

export interface HostedAuthorizationServer {
  readonly server: ResourceAuthorizationServer
  readonly store: ResourceAsStore
  readonly keys: RotatingKeys
  owns(pathname: string): boolean
  /** Removes what can be neither replayed nor alive any more. */
  tidy(): Promise<void>
  handler(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

export interface HostingContext {
  readonly stores: Stores
  readonly masterKey: MasterKey
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly trustedProxies: readonly string[]
  readonly rateLimits: RateLimitSettings
  readonly keyPublishAheadSeconds: number
}

/** Signs access tokens: the longest of them, and the clock difference that is tolerated, in seconds. */
const RETAIN_SECONDS = 3600 + 60

export async function openHosted(config: HostedConfig, context: HostingContext): Promise<HostedAuthorizationServer> {
  const { issuer } = config
  const { stores, masterKey, http, clock, random, log } = context
  const { db, audit } = stores
  const keys = await openRotatingKeys(
    createSigningKeyStore({ db, issuer, masterKey, random }),
    {
      signingAlgorithms: ['ES256'],
      keyPublishAheadSeconds: context.keyPublishAheadSeconds,
      retainSeconds: RETAIN_SECONDS,
    },
    { clock, log },
  )
  const opened = await openResourceAs(db, {
    realm: issuer,
    audit,
    signingKeys: keys,
    http,
    clock,
    random,
    timer: systemTimer,
    log,
  })
  const { store, ports } = opened
  const server = createResourceAuthorizationServer(
    { issuer, rateLimits: context.rateLimits, trustedProxies: context.trustedProxies },
    ports,
  )
  const listenerNow = () => listenerOf(server, store, config)
  let listener = await listenerNow()
  keys.onChange(() => {
    if (config.inFrontOf === undefined) return
    listenerNow().then(
      (next) => {
        listener = next
      },
      (error: unknown) => log.error('the provider could not be built with the new keys', { issuer, error }),
    )
  })
  return {
    server,
    store,
    keys,
    owns: (pathname) => server.owns(pathname),
    async tidy() {
      ports.revocations.index.forgetExpired(clock.now())
    },
    handler: (request, response) => listener(request, response),
    close() {
      opened.close()
      keys.close()
    },
  }
}

async function listenerOf(
  server: ResourceAuthorizationServer,
  { registrations }: ResourceAsStore,
  { issuer, inFrontOf: build }: HostedConfig,
): Promise<NodeListener> {
  if (build === undefined) return nodeListener(server)
  return inFrontOf(await build({ issuer, configuration: sharedConfiguration({ server, registrations }) }), server)
}

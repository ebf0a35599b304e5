/**
 * The composition root: opens the stores, puts the roles on top of them, and listens. It holds no rules.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRateLimits, DEFAULT_RATE_LIMITS, trustedProxies as proxiesAt } from '@carnet/http'
import { createFormSignIn, createIssuer, createWhyPage, ISSUER_DEFAULTS, type Issuer } from '@carnet/idp'
import { createOutboundHttp } from '@carnet/net'
import type { KeyId } from '@carnet/protocol'
import { systemTimer } from '@carnet/revocation'
import { createSigningKeyStore } from '@carnet/storage'
import { systemClock, systemRandom } from '@carnet/tokens'
import { createAdministration } from './administration/administration.ts'
import type { ServerConfig } from './config.ts'
import { carryRevocations } from './hosting/carry-revocations.ts'
import { type HostedAuthorizationServer, openHosted } from './hosting/hosted.ts'
import { createListener } from './listener.ts'
import { createLog } from './log.ts'
import { policyRefusals } from './policy-refusals.ts'
import { secretsOf } from './secrets.ts'
import { openStores, readiness, type Stores } from './stores.ts'
import { tidyUp } from './tidy-up.ts'

export interface RunningServer {
  readonly port: number
  readonly issuer: Issuer
  readonly stores: Stores
  readonly hosted: readonly HostedAuthorizationServer[]
  /** Stops accepting, ends what is open, and closes the stores. */
  close(): Promise<void>
}

/**
 * Starts a Carnet server.
 *
 * @throws {Fault} `configuration-invalid`, naming every problem; `store-locked` where another process uses the folder
 */
export async function startServer(config: ServerConfig): Promise<RunningServer> {
  const log = createLog(config.log)
  const stores = await openStores({
    database: 'url' in config.database ? { url: config.database.url.reveal() } : config.database,
    issuer: config.issuer,
    keepSeconds: ISSUER_DEFAULTS.refreshTokenSeconds + ISSUER_DEFAULTS.clockSkewSeconds,
    clock: systemClock,
    random: systemRandom,
    log,
  })
  try {
    return await serve(config, stores, log)
  } catch (error) {
    await stores.close()
    throw error
  }
}

async function serve(config: ServerConfig, stores: Stores, log: ReturnType<typeof createLog>): Promise<RunningServer> {
  const shared = { clock: systemClock, random: systemRandom, log }
  const { masterKey, cookieKey, pairwiseKey } = secretsOf(config.masterKey)
  const { registry, people, audit } = stores
  const { trustedProxies, rateLimits = DEFAULT_RATE_LIMITS } = config
  const limits = createRateLimits(rateLimits)
  const keyPublishAheadSeconds = config.keyPublishAheadSeconds ?? ISSUER_DEFAULTS.keyPublishAheadSeconds

  const issuer = await createIssuer(
    {
      issuer: config.issuer,
      environment: config.mode,
      cookieKeys: [cookieKey],
      trustedProxies,
      keyPublishAheadSeconds,
    },
    {
      ...shared,
      ...stores,
      limits,
      pairwiseKey,
      events: audit,
      revocations: stores.revoked,
      signingKeys: createSigningKeyStore({ db: stores.db, issuer: config.issuer, masterKey, random: systemRandom }),
      signIn: createFormSignIn({ passwords: stores.passwords, limits }),
    },
  )

  const http = createOutboundHttp(config.mode === 'demonstration' ? { allowInsecureLoopback: true } : {})
  const hosting = { ...shared, stores, masterKey, http, trustedProxies, rateLimits, keyPublishAheadSeconds }
  const hosted = await Promise.all(config.hosted.map((one) => openHosted(one, hosting)))
  const stopCarrying = await carryRevocations(stores.revocations.log(config.issuer), {
    issuer: config.issuer,
    hosted: hosted.map(({ server }) => server),
    registry,
    people,
    pairwiseKey,
    log,
    timer: systemTimer,
  })

  const stopTidying = tidyUp([stores.tidy, ...hosted.map((one) => one.tidy)], { timer: systemTimer, log })

  const administration = createAdministration({
    ...shared,
    issuer: config.issuer,
    apiKey: config.adminApiKey,
    people: stores.withdrawal,
    trail: stores.trail,
    events: audit,
    // Its own: failures here must not keep a source from the token endpoint.
    limits: createRateLimits(rateLimits),
    rotateSigningKeys: () => rotateAll(issuer, hosted),
  })
  const listener = createListener({
    issuer,
    hosted,
    administration,
    proxies: proxiesAt(trustedProxies),
    why: createWhyPage(policyRefusals(stores.trail, registry)),
    log,
    readiness: () => readiness(stores.db, systemClock.now()),
  })
  const server = createServer(listener)
  const port = await listen(server, config.listen)
  log.info('Carnet listens', { issuer: config.issuer, port, hosted: config.hosted.map((one) => one.issuer) })

  return {
    port,
    issuer,
    stores,
    hosted,
    async close() {
      server.close()
      server.closeAllConnections()
      stopCarrying()
      stopTidying()
      issuer.close()
      for (const one of hosted) one.close()
      await stores.close()
    },
  }
}

/** Every algorithm of the issuer, and the access-token keys of every Resource AS beside it. */
async function rotateAll(issuer: Issuer, hosted: readonly HostedAuthorizationServer[]): Promise<readonly KeyId[]> {
  const ofIssuer = issuer.config.signingAlgorithms.map((algorithm) => issuer.rotateKeys({ algorithm }))
  const ofHosted = hosted.map(async ({ keys }) => (await keys.rotate({ algorithm: 'ES256' })).kid)
  return Promise.all([...ofIssuer, ...ofHosted])
}

function listen(server: Server, { host, port }: ServerConfig['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/**
 * The keys of an issuer that publishes them at a URL.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517 §5}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys OpenID Connect Core §10.1.1}
 */
import { accept, type Clock, Fault, type OutboundHttp, quoted, type Result, refuse } from '@carnet/protocol'
import { type KeySource, MAX_KEY_SET_BYTES, parseKeySet, selectKey, type VerificationKey } from '@carnet/tokens'
import { LRUCache } from 'lru-cache'
import { BoundedCopy, type CopyBounds } from './bounded-copy.ts'
import { fetchAuthorizationServerMetadata } from './peer-metadata.ts'

export interface RemoteKeyOptions {
  /** The issuer whose keys these are, and nobody else's. */
  readonly issuer: string
  /** Where the key set is; found through the issuer's metadata unless given. */
  readonly jwksUri?: string | undefined
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly cacheSeconds?: number
  readonly coolDownSeconds?: number
}

export const DEFAULT_KEY_BOUNDS: CopyBounds = { cacheSeconds: 600, coolDownSeconds: 30 }

/** A key set that is no longer this issuer's. */
type Disowned = { readonly reason: 'issuer-changed' }

/**
 * Keys fetched on first use, kept for a bounded time, asked for again when a token names one that is not known.
 */
export function createRemoteKeySource(options: RemoteKeyOptions): KeySource {
  const { issuer, clock } = options
  const { cacheSeconds, coolDownSeconds } = { ...DEFAULT_KEY_BOUNDS, ...options }
  const copy = new BoundedCopy(() => loadKeys(options), clock, { cacheSeconds, coolDownSeconds })

  async function keysFrom(fetching: Promise<Result<readonly VerificationKey[], Disowned>>) {
    try {
      const keys = await fetching
      if (keys.ok) return keys.value
      throw new Fault('keys-unavailable', `The metadata of ${quoted(issuer)} now names another issuer`)
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'keys-unavailable') throw error
      throw new Fault('keys-unavailable', `The keys of ${quoted(issuer)} cannot be had`, { cause: error })
    }
  }

  return {
    async find(kid) {
      const known = selectKey(await keysFrom(copy.current()), kid)
      if (known !== undefined || kid === undefined) return known
      return selectKey(await keysFrom(copy.refreshed()), kid)
    },
  }
}

async function loadKeys(options: RemoteKeyOptions): Promise<Result<readonly VerificationKey[], Disowned>> {
  const { http, issuer } = options
  const url = options.jwksUri === undefined ? await discoverJwksUri(issuer, http) : accept(options.jwksUri)
  if (!url.ok) return url
  const { status, body } = await http.send({ url: url.value, maxBytes: MAX_KEY_SET_BYTES, expects: 'json' })
  if (status !== 200) throw new Fault('peer-unavailable', `A key set was answered with status ${status}`)
  const keys = parseKeySet(body)
  if (!keys.ok) throw new Fault('peer-misbehaved', `A key set was not accepted: ${keys.refusal.reason}`)
  return keys
}

async function discoverJwksUri(issuer: string, http: OutboundHttp): Promise<Result<string, Disowned>> {
  const metadata = await fetchAuthorizationServerMetadata(issuer, http)
  if (!metadata.ok) {
    if (metadata.refusal.reason === 'issuer-mismatch') return refuse({ reason: 'issuer-changed' })
    throw new Fault('peer-misbehaved', `No usable metadata: ${metadata.refusal.reason}`)
  }
  const { jwks_uri } = metadata.value
  if (jwks_uri === undefined) throw new Fault('peer-misbehaved', 'The metadata names no key set')
  return accept(jwks_uri)
}

/** Where an issuer's keys are to be had. */
export interface IssuerKeys {
  readonly issuer: string
  readonly jwksUri?: string | undefined
}

/**
 * One key source for each issuer that is asked for, at most `maxIssuers` of them.
 *
 * Keyed by issuer and URL, so that no two issuers share keys even where they name the same URL.
 */
export function createRemoteKeySources(
  shared: Omit<RemoteKeyOptions, keyof IssuerKeys> & { readonly maxIssuers?: number },
): (of: IssuerKeys) => KeySource {
  const { maxIssuers = 1000, ...options } = shared
  const sources = new LRUCache<string, KeySource>({ max: maxIssuers })
  return ({ issuer, jwksUri }) => {
    const name = JSON.stringify([issuer, jwksUri])
    const source = sources.get(name) ?? createRemoteKeySource({ ...options, issuer, jwksUri })
    sources.set(name, source)
    return source
  }
}

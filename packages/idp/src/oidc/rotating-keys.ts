/**
 * The issuer's signing keys in this process: loaded from the store, rotated with overlap, the same everywhere.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys OpenID Connect Core §10.1.1}
 */
import type { Clock, EpochSeconds, KeyId, Log, Unsubscribe } from '@carnet/protocol'
import {
  generateSigningKey,
  type KeyRing,
  publishedAt,
  rotated,
  type SigningAlgorithm,
  type SigningKey,
  signerAt,
  withdrawn,
} from '@carnet/tokens'
import type { IssuerKeys } from '../ports.ts'
import type { SigningKeyStore } from './ports.ts'

export interface RotatingKeysConfig {
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  readonly keyPublishAheadSeconds: number
  /** The longest lifetime of anything signed, plus skew: how long a retired key stays published. */
  readonly retainSeconds: number
}

/** Within this time every process of a deployment has heard of a new key. */
export const LEAST_PUBLISH_AHEAD_SECONDS = 2

export interface RotationOptions {
  readonly algorithm: SigningAlgorithm
  /** How long the new key is published before it signs: the configured time unless given, and never less than 2. */
  readonly publishAheadSeconds?: number
}

export interface RotatingKeys extends IssuerKeys {
  /** The keys as this process knows them. */
  ring(): KeyRing
  /** What belongs into the key set at `now`; whatever was signed with these is still believed. */
  published(now: EpochSeconds): KeyRing
  /** Begins the use of a new key; the old one signs until it takes over and is published until its tokens are gone. */
  rotate(options: RotationOptions): Promise<SigningKey>
  /** Emergency: replaces a key at once, and whatever it signed is no longer believed. */
  withdraw(kid: KeyId): Promise<void>
  onChange(listener: () => void): Unsubscribe
  close(): void
}

export async function openRotatingKeys(
  store: SigningKeyStore,
  config: RotatingKeysConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<RotatingKeys> {
  const listeners = new Set<() => void>()
  let ring = await firstKeys(store, config)
  let byKid = new Map(ring.map((key) => [key.kid, key]))

  function adopt(next: KeyRing): void {
    ring = next
    byKid = new Map(ring.map((key) => [key.kid, key]))
    for (const listener of listeners) listener()
  }

  const unsubscribe = store.onChange(() => {
    store.load().then(adopt, (error: unknown) => log.error('The signing keys could not be read again', { error }))
  })

  async function succeed(algorithm: SigningAlgorithm, publishAheadSeconds: number, drop?: KeyId): Promise<SigningKey> {
    const next = await generateSigningKey(algorithm)
    const plan = { now: clock.now(), publishAheadSeconds, retainSeconds: config.retainSeconds }
    adopt(
      await store.change((keys) => {
        const successors = rotated(keys, next, plan)
        return drop === undefined ? successors : withdrawn(successors, drop)
      }),
    )
    return next
  }

  return {
    ring: () => ring,
    find(kid) {
      const key = byKid.get(kid)
      return key !== undefined && publishedAt([key], clock.now()).length === 1 ? key : undefined
    },
    signer: (alg, now) => signerAt(ring, alg, now),
    published: (now) => publishedAt(ring, now),
    rotate: ({ algorithm, publishAheadSeconds }) =>
      succeed(algorithm, Math.max(LEAST_PUBLISH_AHEAD_SECONDS, publishAheadSeconds ?? config.keyPublishAheadSeconds)),
    async withdraw(kid) {
      const key = ring.find((candidate) => candidate.kid === kid)
      if (key !== undefined) await succeed(key.alg, 0, kid)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close: unsubscribe,
  }
}

/** Makes sure that there is a key for each algorithm. Where several processes start at once, one makes them. */
async function firstKeys(store: SigningKeyStore, { signingAlgorithms }: RotatingKeysConfig): Promise<KeyRing> {
  const present = await store.load()
  const missing = missingFrom(present, signingAlgorithms)
  if (missing.length === 0) return present
  const made = await Promise.all(missing.map((alg) => generateSigningKey(alg)))
  return store.change((keys) => {
    const wanted = missingFrom(keys, signingAlgorithms)
    return wanted.length === 0 ? keys : [...keys, ...made.filter(({ alg }) => wanted.includes(alg))]
  })
}

function missingFrom(keys: KeyRing, algorithms: readonly SigningAlgorithm[]): readonly SigningAlgorithm[] {
  return algorithms.filter((alg) => !keys.some((key) => key.alg === alg))
}

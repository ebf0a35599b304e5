/**
 * The life of an issuer's signing keys: published, then signing, then published only, then gone.
 *
 * A ring is a plain list of keys; these functions decide over it and change nothing.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys OpenID Connect Core §10.1.1}
 */
import { type EpochSeconds, Fault, type KeyId } from '@carnet/protocol'
import type { SigningAlgorithm, SigningKey } from './types.ts'

export type KeyRing = readonly SigningKey[]

export interface RotationPlan {
  readonly now: EpochSeconds
  /** How long a key is published before it signs: as long as peers may keep an old key set, in seconds. */
  readonly publishAheadSeconds: number
  /** How long a key stays published after it signed last: the longest token lifetime plus skew, in seconds. */
  readonly retainSeconds: number
}

/**
 * The key that signs at `now`.
 *
 * @throws {Fault} `keys-unavailable` where no key of the algorithm is in force
 */
export function signerAt(ring: KeyRing, alg: SigningAlgorithm, now: EpochSeconds): SigningKey {
  const [newest] = ring
    .filter((key) => key.alg === alg && key.signsFrom <= now && !hasPassed(key.signsUntil, now))
    .sort((a, b) => b.signsFrom - a.signsFrom)
  if (newest === undefined) throw new Fault('keys-unavailable', `No ${alg} signing key is in force`)
  return newest
}

/** The keys that belong into the key set at `now`: those to come, those signing, those whose tokens still live. */
export function publishedAt(ring: KeyRing, now: EpochSeconds): KeyRing {
  return ring.filter((key) => !hasPassed(key.publishedUntil, now))
}

/**
 * Adds `next`, which takes over from the keys of its algorithm once peers have had time to fetch it.
 *
 * @param next - its `signsFrom` is set here
 */
export function rotated(ring: KeyRing, next: SigningKey, plan: RotationPlan): KeyRing {
  const handover = (plan.now + plan.publishAheadSeconds) as EpochSeconds
  return [
    ...publishedAt(ring, plan.now)
      .filter((key) => key.alg !== next.alg || key.signsFrom < handover)
      .map((key) => (key.alg === next.alg ? retired(key, handover, plan.retainSeconds) : key)),
    joining(ring, next, handover),
  ]
}

/**
 * Emergency: takes `kid` out of the ring at once, so that what it signed is no longer believed. A key that is
 * signing is first succeeded by another, with `rotated` and nothing published ahead.
 */
export function withdrawn(ring: KeyRing, kid: KeyId): KeyRing {
  return ring.filter((key) => key.kid !== kid)
}

function retired(key: SigningKey, handover: EpochSeconds, retainSeconds: number): SigningKey {
  if (key.signsUntil !== undefined && key.signsUntil <= handover) return key
  return { ...key, signsUntil: handover, publishedUntil: (handover + retainSeconds) as EpochSeconds }
}

function joining(ring: KeyRing, key: SigningKey, signsFrom: EpochSeconds): SigningKey {
  if (ring.some(({ kid }) => kid === key.kid)) {
    throw new Fault('configuration-invalid', `Key id ${JSON.stringify(key.kid)} is already in the key ring`)
  }
  return { ...key, signsFrom, signsUntil: undefined, publishedUntil: undefined }
}

function hasPassed(instant: EpochSeconds | undefined, now: EpochSeconds): boolean {
  return instant !== undefined && instant <= now
}

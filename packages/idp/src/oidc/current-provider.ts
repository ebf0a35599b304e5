/**
 * The provider that answers now.
 *
 * Its keys are fixed when it is built, so a change of keys builds another. A request stays with the one it began
 * with; nothing is lost, because everything a provider knows is in the store.
 */
import type { Clock, EpochSeconds } from '@carnet/protocol'
import type { KeyRing } from '@carnet/tokens'
import type { Provider } from 'oidc-provider'
import type { RotatingKeys } from './rotating-keys.ts'

export interface CurrentProvider {
  get(): Provider
  close(): void
}

export function createCurrentProvider(
  build: (ring: KeyRing, now: EpochSeconds) => Provider,
  keys: RotatingKeys,
  clock: Clock,
): CurrentProvider {
  let provider: Provider | undefined
  let goodUntil = 0
  const unsubscribe = keys.onChange(() => {
    provider = undefined
  })
  return {
    get() {
      const now = clock.now()
      if (provider === undefined || now >= goodUntil) {
        provider = build(keys.ring(), now)
        goodUntil = nextChange(keys.ring(), now)
      }
      return provider
    },
    close: unsubscribe,
  }
}

/** When a key next begins or stops to sign, or leaves the key set. */
function nextChange(ring: KeyRing, now: EpochSeconds): number {
  const instants = ring
    .flatMap(({ signsFrom, signsUntil, publishedUntil }) => [signsFrom, signsUntil, publishedUntil])
    .filter((instant) => instant !== undefined)
    .filter((instant) => instant > now)
  return Math.min(...instants, Number.POSITIVE_INFINITY)
}

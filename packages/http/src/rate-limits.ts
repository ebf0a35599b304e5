/**
 * Keeps one caller from taking the token endpoint away from the others, and guessing from being worth it.
 *
 * Three measures: requests of one source, requests of one authenticated client, failed authentications of one
 * source as one client. Failures never count against a client as such: a stranger must not lock it out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749 §2.3.1}
 */
import { accept, type ClientId, type EpochSeconds, type Result, refuse } from '@carnet/protocol'

/** How much is let through at once, and how fast that comes back. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export interface RateLimitSettings {
  readonly perSource: Rate
  readonly perClient: Rate
  /** Failed authentications of one source as one client. */
  readonly failures: Rate
  /** Failed authentications of one source, whoever it claims to be. */
  readonly failuresPerSource: Rate
}

export const DEFAULT_RATE_LIMITS: RateLimitSettings = {
  perSource: { burst: 2000, perSecond: 500 },
  perClient: { burst: 2000, perSecond: 500 },
  failures: { burst: 40, perSecond: 0.2 },
  failuresPerSource: { burst: 200, perSecond: 0.5 },
}

export interface RateRefusal {
  readonly reason: 'rate-limited'
  readonly retryAfterSeconds: number
  /** How many refusals this one stands for; 0 where another has spoken for it. Keeps a flood out of the audit log. */
  readonly count: number
}

export type RateVerdict = Result<undefined, RateRefusal>

export interface RateLimits {
  /** Asked before anything about the request is believed. @param claimedClient - attacker-controlled */
  admitSource(source: string, claimedClient: string | undefined, now: EpochSeconds): RateVerdict
  /** Asked once the client has proved who it is. */
  admitClient(client: ClientId, now: EpochSeconds): RateVerdict
  /** Counts a failed authentication. @param claimedClient - attacker-controlled */
  countFailure(source: string, claimedClient: string | undefined, now: EpochSeconds): void
}

/** Rate limits in the memory of this process: each process of a deployment keeps its own. */
export function createRateLimits(settings: RateLimitSettings): RateLimits {
  const sources = new Meter(settings.perSource)
  const clients = new Meter(settings.perClient)
  const failures = new Meter(settings.failures)
  const failuresOfSource = new Meter(settings.failuresPerSource)
  return {
    admitSource: (source, claimedClient, now) =>
      firstRefusal(
        () => failuresOfSource.check(source, now),
        () => failures.check(pairKey(source, claimedClient), now),
        () => sources.take(source, now),
      ),
    admitClient: (client, now) => clients.take(client, now),
    countFailure: (source, claimedClient, now) => {
      failuresOfSource.add(source, now)
      failures.add(pairKey(source, claimedClient), now)
    },
  }
}

function firstRefusal(...checks: readonly (() => RateVerdict)[]): RateVerdict {
  for (const check of checks) {
    const verdict = check()
    if (!verdict.ok) return verdict
  }
  return accept()
}

const LONGEST_CLAIMED_ID = 128

function pairKey(source: string, claimedClient: string | undefined): string {
  return `${source} ${claimedClient?.slice(0, LONGEST_CLAIMED_ID) ?? ''}`
}

/** Keys remembered at a time. Beyond it the longest unseen is forgotten. */
const MAX_KEYS = 50_000
const REPORT_EVERY_SECONDS = 60

interface Level {
  /** What has been taken and has not come back yet, as of `at`. */
  level: number
  at: EpochSeconds
  unreported: number
  reportedAt: EpochSeconds | undefined
}

/** A leaky bucket for each key. */
class Meter {
  readonly #levels = new Map<string, Level>()
  readonly #rate: Rate

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Takes one if there is room. */
  take(key: string, now: EpochSeconds): RateVerdict {
    const entry = this.#drained(key, now)
    if (entry.level + 1 > this.#rate.burst) return this.#refusal(entry, now)
    entry.level += 1
    return accept()
  }

  /** Looks whether there is room, without taking any. */
  check(key: string, now: EpochSeconds): RateVerdict {
    if (!this.#levels.has(key)) return accept()
    const entry = this.#drained(key, now)
    return entry.level + 1 > this.#rate.burst ? this.#refusal(entry, now) : accept()
  }

  /** Adds one, room or not. */
  add(key: string, now: EpochSeconds): void {
    const entry = this.#drained(key, now)
    entry.level = Math.min(entry.level + 1, this.#rate.burst)
  }

  #drained(key: string, now: EpochSeconds): Level {
    const known = this.#levels.get(key)
    if (known === undefined) return this.#remember(key, now)
    if (now > known.at) {
      known.level = Math.max(0, known.level - (now - known.at) * this.#rate.perSecond)
      known.at = now
    }
    return known
  }

  #remember(key: string, now: EpochSeconds): Level {
    if (this.#levels.size >= MAX_KEYS) {
      for (const oldest of this.#levels.keys()) {
        this.#levels.delete(oldest)
        break
      }
    }
    const entry: Level = { level: 0, at: now, unreported: 0, reportedAt: undefined }
    this.#levels.set(key, entry)
    return entry
  }

  #refusal(entry: Level, now: EpochSeconds): RateVerdict {
    const { burst, perSecond } = this.#rate
    const retryAfterSeconds = Math.max(1, Math.ceil((entry.level + 1 - burst) / perSecond))
    entry.unreported += 1
    if (entry.reportedAt !== undefined && now < entry.reportedAt + REPORT_EVERY_SECONDS) {
      return refuse({ reason: 'rate-limited', retryAfterSeconds, count: 0 })
    }
    const count = entry.unreported
    entry.unreported = 0
    entry.reportedAt = now
    return refuse({ reason: 'rate-limited', retryAfterSeconds, count })
  }
}

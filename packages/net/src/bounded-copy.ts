/**
 * A copy of a peer's document that is used for a bounded time, fetched by one caller for all, and never asked
 * for more often than the peer can bear.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 RFC 8414 §3.3}
 */
import { type Clock, type EpochSeconds, Fault, type Result } from '@carnet/protocol'

export interface CopyBounds {
  /** How long a copy may be used, in seconds. A failed refresh keeps it no longer than this. */
  readonly cacheSeconds: number
  /** Least time between two refreshes that callers force, in seconds. */
  readonly coolDownSeconds: number
}

/**
 * Fetches the document. A refusal means that the peer no longer stands behind the copy, which is dropped at once;
 * a fault means that nothing was learned.
 */
export type Load<Document, Refusal> = () => Promise<Result<Document, Refusal>>

/** From this part of its life on, a copy is renewed in the background, so that a short outage is not noticed. */
const RENEWAL_AGE = 0.75
/** After a failed fetch, for so long the failure is the answer, in seconds. */
const FAILURE_PAUSE_SECONDS = 5

interface Held<Document, Refusal> {
  readonly outcome: Result<Document, Refusal>
  readonly fetchedAt: EpochSeconds
}

export class BoundedCopy<Document, Refusal> {
  readonly #load: Load<Document, Refusal>
  readonly #clock: Clock
  readonly #bounds: CopyBounds
  #held: Held<Document, Refusal> | undefined
  #failed: { readonly fault: Fault; readonly at: EpochSeconds } | undefined
  #forcedAt: EpochSeconds | undefined
  #loading: Promise<Result<Document, Refusal>> | undefined

  constructor(load: Load<Document, Refusal>, clock: Clock, bounds: CopyBounds) {
    this.#load = load
    this.#clock = clock
    this.#bounds = bounds
  }

  /** The document, no older than its bound. */
  async current(): Promise<Result<Document, Refusal>> {
    const now = this.#clock.now()
    const held = this.#held
    if (held === undefined || this.#ageOf(held, now) >= 1) {
      if (this.#failed !== undefined && now < this.#failed.at + FAILURE_PAUSE_SECONDS) throw this.#failed.fault
      return this.#renewed(now)
    }
    if (this.#ageOf(held, now) >= RENEWAL_AGE) this.#renewInBackground(now)
    return held.outcome
  }

  /** The document as the peer has it now; as it was last heard of while an earlier call is less than a cool-down ago. */
  async refreshed(): Promise<Result<Document, Refusal>> {
    const now = this.#clock.now()
    const { coolDownSeconds } = this.#bounds
    if (this.#forcedAt !== undefined && now < this.#forcedAt + coolDownSeconds && this.#loading === undefined) {
      if (this.#failed !== undefined) throw this.#failed.fault
      return this.current()
    }
    this.#forcedAt = now
    return this.#renewed(now)
  }

  #renewed(now: EpochSeconds): Promise<Result<Document, Refusal>> {
    this.#loading ??= this.#loadNow(now).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #loadNow(now: EpochSeconds): Promise<Result<Document, Refusal>> {
    try {
      const outcome = await this.#load()
      this.#held = { outcome, fetchedAt: now }
      this.#failed = undefined
      return outcome
    } catch (error) {
      if (error instanceof Fault) this.#failed = { fault: error, at: now }
      throw error
    }
  }

  #renewInBackground(now: EpochSeconds): void {
    if (this.#failed !== undefined && now < this.#failed.at + this.#bounds.coolDownSeconds) return
    // Nobody waits for this one, and no peer may end the process with it: the copy in hand is good until its
    // bound, and whoever needs it after that meets the same error.
    this.#renewed(now).catch(() => undefined)
  }

  /** As a part of its life: 1 is its bound. A refusal is not kept for longer than a cool-down. */
  #ageOf({ outcome, fetchedAt }: Held<Document, Refusal>, now: EpochSeconds): number {
    return (now - fetchedAt) / (outcome.ok ? this.#bounds.cacheSeconds : this.#bounds.coolDownSeconds)
  }
}

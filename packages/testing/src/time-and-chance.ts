/** A clock that stands still until told otherwise, and randomness that repeats. For tests only. */
import { createHash } from 'node:crypto'
import type { Clock, EpochSeconds, Random } from '@carnet/protocol'

/** An arbitrary fixed instant: 2026-11-20T12:00:00Z. */
export const NOW = 1_795_176_000 as EpochSeconds

export class FixedClock implements Clock {
  #now: EpochSeconds

  constructor(now: EpochSeconds = NOW) {
    this.#now = now
  }

  now(): EpochSeconds {
    return this.#now
  }

  advance(seconds: number): void {
    this.#now = (this.#now + seconds) as EpochSeconds
  }

  set(now: EpochSeconds): void {
    this.#now = now
  }
}

/** Not random at all: the same seed gives the same bytes. */
export class SeededRandom implements Random {
  #counter = 0
  readonly #seed: string

  constructor(seed: string) {
    this.#seed = seed
  }

  bytes(byteCount: number): Uint8Array {
    const blocks: Buffer[] = []
    for (let length = 0; length < byteCount; length += 32) {
      blocks.push(
        createHash('sha256')
          .update(`${this.#seed}:${this.#counter++}`)
          .digest(),
      )
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, byteCount))
  }

  token(byteCount: number): string {
    return Buffer.from(this.bytes(byteCount)).toString('base64url')
  }
}

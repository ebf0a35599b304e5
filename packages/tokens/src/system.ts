/** The real clock and the real randomness, for composition roots. */
import { randomBytes } from 'node:crypto'
import type { Clock, EpochSeconds, Random } from '@carnet/protocol'

export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000) as EpochSeconds,
}

export const systemRandom: Random = {
  bytes: (byteCount) => new Uint8Array(randomBytes(byteCount)),
  token: (byteCount) => randomBytes(byteCount).toString('base64url'),
}

/** Checks what may have changed since a token was verified. Runs on every request, in memory. */
import { accept, type EpochSeconds, type Result, refuse } from '@carnet/protocol'
import type { RevocationIndex } from '@carnet/revocation'
import { type Caller, revocableFacts } from '../caller.ts'
import type { StandingRefusal } from '../refusals.ts'

export interface StandingContext {
  readonly now: EpochSeconds
  readonly skewSeconds: number
  /** What the caller's issuer has revoked. */
  readonly revoked: RevocationIndex
}

export function checkStanding(
  caller: Caller,
  { now, skewSeconds, revoked }: StandingContext,
): Result<undefined, StandingRefusal> {
  if (caller.expiresAt <= now - skewSeconds) return refuse({ reason: 'expired', caller })
  const record = revoked.find(revocableFacts(caller))
  if (record !== undefined) return refuse({ reason: 'revoked', caller, record: record.id, eventId: record.eventId })
  return accept()
}

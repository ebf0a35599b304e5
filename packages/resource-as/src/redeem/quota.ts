/**
 * Bounds how many used-up `jti` one issuer and one client can make this server remember, so that neither can fill the
 * store at the expense of the others.
 *
 * Counted by each process for itself, over a fixed stretch as long as an entry may live. Only what the store really
 * kept counts.
 */
import { accept, type ClientId, type EpochSeconds, type IssuerId, type Result, refuse } from '@carnet/protocol'

export type QuotaRefusal = {
  readonly reason: 'over-quota'
  readonly of: 'issuer' | 'client'
  readonly retryAfterSeconds: number
}

export interface QuotaSettings {
  readonly perIssuer: number
  readonly perClient: number
  /** At least as long as the longest a `jti` is remembered, in seconds. */
  readonly windowSeconds: number
}

export const DEFAULT_QUOTA: QuotaSettings = { perIssuer: 2_000_000, perClient: 1_000_000, windowSeconds: 3720 }

export interface RedemptionQuota {
  check(issuer: IssuerId, client: ClientId, now: EpochSeconds): Result<undefined, QuotaRefusal>
  /** Counts an entry that the store keeps. */
  count(issuer: IssuerId, client: ClientId): void
}

export function createRedemptionQuota({ perIssuer, perClient, windowSeconds }: QuotaSettings): RedemptionQuota {
  let windowEnds = 0
  const issuers = new Map<IssuerId, number>()
  const clients = new Map<ClientId, number>()

  const beginWindow = (now: EpochSeconds) => {
    if (now < windowEnds) return
    issuers.clear()
    clients.clear()
    windowEnds = now + windowSeconds
  }

  return {
    check(issuer, client, now) {
      beginWindow(now)
      const retryAfterSeconds = windowEnds - now
      if ((issuers.get(issuer) ?? 0) >= perIssuer)
        return refuse({ reason: 'over-quota', of: 'issuer', retryAfterSeconds })
      if ((clients.get(client) ?? 0) >= perClient)
        return refuse({ reason: 'over-quota', of: 'client', retryAfterSeconds })
      return accept()
    },
    count(issuer, client) {
      issuers.set(issuer, (issuers.get(issuer) ?? 0) + 1)
      clients.set(client, (clients.get(client) ?? 0) + 1)
    },
  }
}

/**
 * The revocation feed on the wire: what a Resource Authorization Server tells the guards that accept its tokens.
 *
 * `GET <issuer>/revocations`, authenticated as a resource server. With `Accept: text/event-stream` the answer stays
 * open: one `revocation` event for each record, and a `level` event whenever there is nothing more to tell, at
 * least once per heartbeat. Otherwise the answer is one JSON page. A position is opaque to the reader; it is the
 * `id` of each event, `position` in a page, and comes back as `Last-Event-ID` or `?after=`.
 */
import type { ClientId, EpochSeconds, ResourceId, SessionId, TenantId, TokenId } from '@carnet/protocol'
import { z } from 'zod'
import type { RevocationRecord, RevocationTarget } from '../types.ts'

const text = z.string().min(1).max(2048)
const named = <Brand extends string>() => text.transform((value) => value as Brand)
const instant = z
  .number()
  .int()
  .nonnegative()
  .transform((value) => value as EpochSeconds)

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('subject'), subject: text }),
  z.object({ kind: z.literal('session'), session: named<SessionId>() }),
  z.object({ kind: z.literal('client'), client: named<ClientId>() }),
  z.object({ kind: z.literal('resource'), resource: named<ResourceId>() }),
  z.object({ kind: z.literal('token'), token: named<TokenId>() }),
  z.object({ kind: z.literal('everything') }),
])

const wireRecord = z.object({
  seq: z.number().int().positive(),
  id: text,
  tenant: named<TenantId>(),
  target,
  cutoff: instant,
  expires_at: instant,
  reason: text,
  event_id: z.string().max(2048),
})

export type WireRecord = z.input<typeof wireRecord>

export function toWire(record: RevocationRecord): WireRecord {
  const { seq, id, tenant, target, cutoff, expiresAt, reason, eventId } = record
  return { seq, id, tenant, target, cutoff, expires_at: expiresAt, reason, event_id: eventId }
}

/** @param value - parsed JSON from the feed */
export function parseRecord(value: unknown): RevocationRecord | undefined {
  const parsed = wireRecord.safeParse(value)
  if (!parsed.success) return undefined
  const { expires_at, event_id, target, ...same } = parsed.data
  return { ...same, target: target satisfies RevocationTarget, expiresAt: expires_at, eventId: event_id }
}

export const feedPage = z.object({
  position: z.string().min(1).max(200),
  more: z.boolean(),
  records: z.array(z.unknown()).max(1000),
})
export type FeedPage = z.input<typeof feedPage>

const POSITION_FORM = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})$/

export function formatPosition(generation: string, seq: number): string {
  return `${generation}.${seq}`
}

/**
 * Where a reader says it is, as a position in this history: 0 when it has none, or one in another history.
 *
 * @param value - attacker-controlled
 */
export function seqIn(generation: string, value: string | null): number {
  const [, named, seq] = (value !== null && POSITION_FORM.exec(value)) || []
  return named === generation ? Number(seq) : 0
}

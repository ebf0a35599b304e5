/**
 * Guard events on the wire: what an MCP server's guard reports to the Resource Authorization Server whose tokens
 * it accepts, so that one `txn` leads from the sign-in to the last call.
 *
 * `POST <issuer>/events`, authenticated as a resource server, with `{ "events": [...] }`, each a security event with
 * an `id` of its own; 202 when all are on record. A batch whose answer was lost is sent again: the `id` tells.
 */
import {
  type ClientId,
  type EpochSeconds,
  type EventId,
  isScope,
  type ResourceId,
  type Scope,
  type SecurityEvent,
  type SessionId,
  type Subject,
  type TenantId,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import { z } from 'zod'

/** What a guard may report. Nothing else: it must not be able to speak of grants or sign-ins. */
export const GUARD_EVENT_TYPES = ['call.allowed', 'call.refused', 'call.events-lost'] as const
export type GuardEventType = (typeof GUARD_EVENT_TYPES)[number]

/** A security event under an id that is unique to the guard that reports it. */
export interface GuardEvent extends SecurityEvent {
  readonly id: EventId
  readonly type: GuardEventType
}

export const MAX_EVENTS = 500

const text = z.string().min(1).max(512)
const named = <Brand extends string>() => text.transform((value) => value as Brand)
const scopes = z
  .array(
    z
      .string()
      .max(256)
      .refine(isScope)
      .transform((value) => value as Scope),
  )
  .max(100)

const guardEvent = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/)
    .transform((value) => value as EventId),
  type: z.enum(GUARD_EVENT_TYPES),
  outcome: z.enum(['success', 'refused', 'failed']),
  reporter: named<ResourceId>(),
  at: z
    .number()
    .int()
    .nonnegative()
    .transform((value) => value as EpochSeconds),
  txn: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/)
    .transform((value) => value as Txn)
    .exactOptional(),
  causes: z.array(text).max(20).exactOptional(),
  tenant: named<TenantId>().exactOptional(),
  subject: named<Subject>().exactOptional(),
  client: named<ClientId>().exactOptional(),
  resource: named<ResourceId>().exactOptional(),
  requestedScopes: scopes.exactOptional(),
  grantedScopes: scopes.exactOptional(),
  tool: text.exactOptional(),
  session: named<SessionId>().exactOptional(),
  tokenId: named<TokenId>().exactOptional(),
  reason: z
    .string()
    .regex(/^[a-z-]{1,64}$/)
    .exactOptional(),
  details: z
    .record(z.string().max(64), z.union([z.string().max(1024), z.number(), z.boolean(), z.array(text).max(100)]))
    .refine((details) => Object.keys(details).length <= 20)
    .exactOptional(),
})

const guardEventBatch = z.strictObject({ events: z.array(guardEvent).max(MAX_EVENTS) })

/**
 * @param value - parsed JSON of a batch: attacker-controlled
 * @returns the events, or `undefined` when any of them is not one a guard may send
 */
export function parseGuardEvents(value: unknown): readonly GuardEvent[] | undefined {
  const parsed = guardEventBatch.safeParse(value)
  return parsed.success ? parsed.data.events : undefined
}

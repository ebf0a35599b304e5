/** The one door into the audit log: an event of the vocabulary, in the documented shape, as printable text. */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  type EventId,
  type IssuerId,
  type PersonId,
  type ResourceId,
  type Result,
  refuse,
  type Scope,
  type SecurityEvent,
  type SessionId,
  type Subject,
  type TenantId,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import { z } from 'zod'
import { printable } from './printable.ts'
import { isEventType } from './vocabulary.ts'

/** More members than any event of ours has, few enough that one event stays a line. */
const MAX_MEMBERS = 100

const text = z.string().transform(printable)
const named = <Brand extends string>() => z.string().transform((value) => printable(value) as Brand)
const scopes = z.array(named<Scope>()).max(MAX_MEMBERS)

const detail = z.union([text, z.number(), z.boolean(), z.array(text).max(MAX_MEMBERS)])

export const securityEvent = z.strictObject({
  id: named<EventId>().exactOptional(),
  type: z.string().refine(isEventType, 'not in the vocabulary'),
  outcome: z.enum(['success', 'refused', 'failed']),
  reporter: named<IssuerId>(),
  at: z
    .number()
    .int()
    .nonnegative()
    .transform((value) => value as EpochSeconds),
  txn: named<Txn>().exactOptional(),
  causes: z.array(text).max(MAX_MEMBERS).exactOptional(),
  tenant: named<TenantId>().exactOptional(),
  person: named<PersonId>().exactOptional(),
  subject: named<Subject>().exactOptional(),
  client: named<ClientId>().exactOptional(),
  audience: named<IssuerId>().exactOptional(),
  resource: named<ResourceId>().exactOptional(),
  requestedScopes: scopes.exactOptional(),
  grantedScopes: scopes.exactOptional(),
  tool: text.exactOptional(),
  session: named<SessionId>().exactOptional(),
  tokenId: named<TokenId>().exactOptional(),
  reason: text.exactOptional(),
  rule: text.exactOptional(),
  policyVersion: text.exactOptional(),
  details: z
    .record(z.string().max(64).transform(printable), detail)
    .refine((details) => Object.keys(details).length <= MAX_MEMBERS)
    .exactOptional(),
})

export interface EventRefusal {
  readonly reason: 'event-invalid'
  /** What is wrong, by path; no values. */
  readonly problems: readonly string[]
}

/** @param event - from any reporter, other processes included */
export function parseEvent(event: unknown): Result<SecurityEvent, EventRefusal> {
  const parsed = securityEvent.safeParse(event)
  if (parsed.success) return accept(parsed.data satisfies SecurityEvent)
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return refuse({ reason: 'event-invalid', problems })
}

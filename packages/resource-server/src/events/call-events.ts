/** One function per event a guard reports. None of them is ever given a token. */
import {
  type EpochSeconds,
  type EventId,
  quoted,
  type ResourceId,
  type Scope,
  SOLE_TENANT,
  type TenantId,
} from '@carnet/protocol'
import type { GuardEvent } from '@carnet/revocation'
import type { Caller } from '../caller.ts'
import type { GuardRefusal, StandingRefusal } from '../refusals.ts'

export interface EventFacts {
  readonly id: EventId
  readonly at: EpochSeconds
  readonly resource: ResourceId
}

export function callAllowed(facts: EventFacts, caller: Caller, tool: string, needed: readonly Scope[]): GuardEvent {
  return {
    ...common(facts, caller),
    type: 'call.allowed',
    outcome: 'success',
    tool,
    requestedScopes: needed,
    grantedScopes: caller.scopes,
  }
}

/** A refusal of somebody we know: one event each. */
export function callRefused(facts: EventFacts, caller: Caller, refusal: GuardRefusal): GuardEvent {
  return {
    ...common(facts, caller),
    type: 'call.refused',
    outcome: 'refused',
    reason: refusal.reason,
    grantedScopes: caller.scopes,
    ...('needed' in refusal && { requestedScopes: refusal.needed }),
    ...('tool' in refusal && { tool: shown(refusal.tool) }),
    ...('eventId' in refusal && refusal.eventId !== '' && { causes: [refusal.eventId] }),
  }
}

/** An open stream that ended with the access it was opened with. */
export function streamEnded(facts: EventFacts, caller: Caller, refusal: StandingRefusal): GuardEvent {
  return { ...callRefused(facts, caller, refusal), details: { openStream: true } }
}

/** Refusals of anybody at all: counted, because anybody may cause as many as they like. */
export function strangersRefused(facts: EventFacts, reason: string, count: number): GuardEvent {
  return { ...stranger(facts), type: 'call.refused', outcome: 'refused', reason, details: { count } }
}

/** Events that were dropped: the trail has a gap of this size. */
export function eventsLost(facts: EventFacts, count: number): GuardEvent {
  return { ...stranger(facts), type: 'call.events-lost', outcome: 'failed', details: { count } }
}

function stranger({
  id,
  at,
  resource,
}: EventFacts): Pick<GuardEvent, 'id' | 'at' | 'reporter' | 'resource' | 'tenant'> {
  return { id, at, reporter: resource, resource, tenant: SOLE_TENANT }
}

function common({ id, at, resource }: EventFacts, caller: Caller) {
  const { txn, tenant, subject, client, session, tokenId } = caller
  return {
    id,
    at,
    reporter: resource,
    resource,
    txn,
    tenant: tenant satisfies TenantId,
    subject,
    client,
    ...(session !== undefined && { session }),
    ...(tokenId !== undefined && { tokenId }),
  } as const
}

/** A tool name from outside is not always a name. */
function shown(tool: string): string {
  return /^[A-Za-z0-9._/-]{1,128}$/.test(tool) ? tool : quoted(tool, 128)
}

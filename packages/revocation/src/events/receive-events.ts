/**
 * The server's side of guard events: puts on record what a resource server says happened at its own resources.
 *
 * The caller has authenticated the resource server that speaks; what it may speak of is an argument.
 */
import type { Clock, EpochSeconds, EventSink, ResourceId, SecurityEvent, TenantId } from '@carnet/protocol'
import { boundedText, parseStrictJson } from '@carnet/protocol'
import { type GuardEvent, parseGuardEvents } from './wire.ts'

export interface EventsContext {
  /** The resources of the resource server that speaks: the only reporters and resources it may name. */
  readonly resources: readonly ResourceId[]
  readonly tenants: readonly TenantId[]
  readonly sink: EventSink
  readonly clock: Clock
}

const MAX_BODY_CHARACTERS = 1_048_576
/** An event older than this keeps its time as a detail: a guard must not write itself into the past. */
const MAX_AGE_SECONDS = 3600

/**
 * @param request - a POST whose sender has authenticated
 * @returns 202 when every event will survive a crash
 * @throws {Fault} `audit-unavailable`, from the sink; the guard then sends the batch again
 */
export async function receiveEvents(request: Request, context: EventsContext): Promise<Response> {
  if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } })
  const text = await boundedText(request.body, MAX_BODY_CHARACTERS)
  if (text === undefined) return answer(413, 'invalid_request')
  const json = parseStrictJson(text)
  const events = json.ok ? parseGuardEvents(json.value) : undefined
  if (events === undefined) return answer(400, 'invalid_request')
  if (!events.every((event) => mayReport(event, context))) return answer(403, 'access_denied')

  const now = context.clock.now()
  await Promise.all(events.map((event) => context.sink.record(onRecord(event, now))))
  return Response.json({ accepted: events.length }, { status: 202, headers: { 'cache-control': 'no-store' } })
}

function mayReport(event: GuardEvent, { resources, tenants }: EventsContext): boolean {
  return (
    isOneOf(resources, event.reporter) &&
    (event.resource === undefined || resources.includes(event.resource)) &&
    (event.tenant === undefined || tenants.includes(event.tenant))
  )
}

function isOneOf(resources: readonly ResourceId[], reporter: string): boolean {
  return resources.some((resource) => resource === reporter)
}

/** The id stays a detail: as an id on record, a guard's word could pass for somebody else's event. */
function onRecord(event: GuardEvent, now: EpochSeconds): SecurityEvent {
  const { id, at, details, ...same } = event
  const believable = at <= now + 60 && at > now - MAX_AGE_SECONDS
  return {
    ...same,
    at: believable ? at : now,
    details: { ...details, guardEvent: id, ...(!believable && { reportedAt: at }) },
  }
}

function answer(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store' } })
}

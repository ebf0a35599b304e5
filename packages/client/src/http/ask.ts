/** Requests to other parties: an outage and a misbehaviour come back as refusals, each under its own name. */
import {
  accept,
  Fault,
  type OutboundHttp,
  type OutboundRequest,
  type OutboundResponse,
  parseStrictJson,
} from '@carnet/protocol'
import { type Leg, type Step, stop } from '../refusal.ts'

/** Largest document or token response this client reads, in bytes. */
export const MAX_ANSWER_BYTES = 256 * 1024

export function ask(
  http: OutboundHttp,
  leg: Leg,
  request: Omit<OutboundRequest, 'maxBytes'>,
): Promise<Step<OutboundResponse>> {
  return overTheWire(leg, () => http.send({ maxBytes: MAX_ANSWER_BYTES, ...request }))
}

/** Whatever is asked of another party: its outage and its misbehaviour come back as refusals, the rest is thrown. */
export async function overTheWire<Value>(leg: Leg, work: () => Promise<Value>): Promise<Step<Value>> {
  try {
    return accept(await work())
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (error.code === 'peer-misbehaved') return stop(leg, 'answer-out-of-bounds')
    if (error.code === 'peer-unavailable' || error.code === 'keys-unavailable') return stop(leg, 'unreachable')
    throw error
  }
}

/** The JSON body of an answer, or `undefined` where it is not one. */
export function jsonOf({ body }: OutboundResponse): unknown {
  const json = parseStrictJson(body)
  return json.ok ? json.value : undefined
}

/** How long an overloaded peer wants to be left alone, in seconds. */
export function retryAfterOf({ headers }: OutboundResponse): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : undefined
}

/** The guard's side of guard events: one batch to the Resource Authorization Server, or a fault. */
import { Fault, type Hidden, type OutboundHttp } from '@carnet/protocol'
import type { GuardEvent } from './wire.ts'

export interface EventsEndpoint {
  /** `<issuer>/events` of the Resource Authorization Server. */
  readonly url: string
  readonly id: string
  readonly secret: Hidden
}

/**
 * @returns when the events are on record there
 * @throws {Fault} `peer-unavailable`: send the same batch again; `peer-misbehaved`: it will not be taken
 */
export async function sendEvents(
  endpoint: EventsEndpoint,
  events: readonly GuardEvent[],
  http: OutboundHttp,
): Promise<void> {
  const credentials = Buffer.from(`${endpoint.id}:${endpoint.secret.reveal()}`).toString('base64')
  const { status } = await http.send({
    method: 'POST',
    url: endpoint.url,
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
    maxBytes: 4096,
  })
  if (status === 202) return
  const again = status >= 500 || status === 429
  throw new Fault(again ? 'peer-unavailable' : 'peer-misbehaved', `The events endpoint answered ${status}`)
}

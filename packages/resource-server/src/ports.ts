/** What a guard needs from outside. Everything has a default; a test or a special deployment gives its own. */
import { createOutboundHttp } from '@carnet/net'
import type { Clock, EventSink, Log, OutboundHttp, Random, Timer } from '@carnet/protocol'
import { systemTimer } from '@carnet/revocation'
import { type KeySource, systemClock, systemRandom } from '@carnet/tokens'
import { standardErrorLog } from './standard-error-log.ts'

export interface GuardPorts {
  readonly clock: Clock
  readonly timer: Timer
  readonly random: Random
  readonly log: Log
  /** For key sets, introspection and events. */
  readonly http: OutboundHttp
  /** For the revocation feed, which streams. Its URL comes from configuration only. */
  readonly fetch: typeof globalThis.fetch
  /** Keeps events in this process, besides or instead of sending them. */
  readonly events: EventSink | undefined
  /** The keys of an authorization server, where they are not to be fetched from it. */
  readonly keys: ReadonlyMap<string, KeySource>
}

export function defaultPorts({ allowInsecureLoopback }: { readonly allowInsecureLoopback: boolean }): GuardPorts {
  return {
    clock: systemClock,
    timer: systemTimer,
    random: systemRandom,
    log: standardErrorLog,
    http: createOutboundHttp({ allowInsecureLoopback }),
    fetch: globalThis.fetch,
    events: undefined,
    keys: new Map(),
  }
}

/**
 * Where a guard's events go: straight to a sink in this process, or in batches to the Resource Authorization Server
 * whose token the call came with.
 */
import type { Clock, EventId, EventSink, IssuerId, Log, Random, ResourceId, Scope, Timer } from '@carnet/protocol'
import { Fault } from '@carnet/protocol'
import { type GuardEvent, MAX_EVENTS } from '@carnet/revocation'
import type { Caller } from '../caller.ts'
import type { GuardRefusal, StandingRefusal } from '../refusals.ts'
import { callAllowed, callRefused, type EventFacts, eventsLost, strangersRefused, streamEnded } from './call-events.ts'
import { createEventQueue, type EventQueue } from './event-queue.ts'

export interface GuardEvents {
  allowed(caller: Caller, tool: string, needed: readonly Scope[]): void
  /** Resolves before the refusal is answered: with a local sink, when it is on record. */
  refused(caller: Caller, refusal: GuardRefusal): Promise<void>
  streamEnded(caller: Caller, refusal: StandingRefusal): void
  refusedStranger(reason: string): void
  readonly lost: number
  readonly queued: number
  close(): Promise<void>
}

/** Puts a batch on record; throws a `Fault` when it could not. */
export type SendBatch = (batch: readonly GuardEvent[]) => Promise<void>

export interface GuardEventOptions {
  readonly resource: ResourceId
  /** Keeps events in this process; refusals are on record before they are answered. */
  readonly sink: EventSink | undefined
  /** Sends events to the issuer of the caller's token; strangers are reported to the first. */
  readonly remotes: ReadonlyMap<IssuerId, SendBatch>
  readonly maxQueued: number
  readonly clock: Clock
  readonly timer: Timer
  readonly random: Random
  readonly log: Log
}

/** Strangers are counted for this long, in seconds; then one event says how many there were. */
const COUNT_SECONDS = 10
const MAX_BATCH = Math.min(200, MAX_EVENTS - 1)

export function createGuardEvents(options: GuardEventOptions): GuardEvents {
  const { resource, sink, remotes, clock, timer, random, log } = options
  const run = random.token(9)
  let number = 0
  const facts = (): EventFacts => ({ id: `${run}.${++number}` as EventId, at: clock.now(), resource })

  const queueFor = (send: SendBatch) =>
    createEventQueue<GuardEvent>({
      send,
      lossOf: (count) => eventsLost(facts(), count),
      timer,
      log,
      maxQueued: options.maxQueued,
      maxBatch: MAX_BATCH,
    })
  const local = sink && queueFor(async (batch) => void (await Promise.all(batch.map((event) => sink.record(event)))))
  const queues = new Map([...remotes].map(([issuer, send]) => [issuer, queueFor(send)] as const))
  const anyQueue = queues.values().next().value
  const all: readonly EventQueue<GuardEvent>[] = [...(local === undefined ? [] : [local]), ...queues.values()]

  function enqueue(event: GuardEvent, issuer: IssuerId | undefined): void {
    local?.add(event)
    const remote = (issuer === undefined ? undefined : queues.get(issuer)) ?? anyQueue
    remote?.add(event)
  }

  async function record(event: GuardEvent, issuer: IssuerId): Promise<void> {
    queues.get(issuer)?.add(event)
    if (sink === undefined) return
    try {
      await sink.record(event)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // Saying no needs no record; that the record has a gap is shown.
      log.error('a refusal could not be put on record', { fault: error.code })
      local?.countLost()
    }
  }

  const strangers = new Map<string, number>()
  let counting = false
  function reportStrangers(): void {
    counting = false
    for (const [reason, count] of strangers) enqueue(strangersRefused(facts(), reason, count), undefined)
    strangers.clear()
  }

  return {
    allowed: (caller, tool, needed) => enqueue(callAllowed(facts(), caller, tool, needed), caller.issuer),
    refused: (caller, refusal) => record(callRefused(facts(), caller, refusal), caller.issuer),
    streamEnded: (caller, refusal) => enqueue(streamEnded(facts(), caller, refusal), caller.issuer),
    refusedStranger(reason) {
      strangers.set(reason, (strangers.get(reason) ?? 0) + 1)
      if (counting) return
      counting = true
      timer.after(COUNT_SECONDS, reportStrangers)
    },
    get lost() {
      return all.reduce((sum, queue) => sum + queue.lost, 0)
    },
    get queued() {
      return all.reduce((sum, queue) => sum + queue.queued, 0)
    },
    async close() {
      reportStrangers()
      await Promise.all(all.map((queue) => queue.close()))
    },
  }
}

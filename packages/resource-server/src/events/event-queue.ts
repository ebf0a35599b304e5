/**
 * A bounded queue of events on their way to where they are kept, in batches.
 *
 * What does not fit is dropped and counted, and the count is itself reported: a gap that shows is worth more than
 * a server that stops.
 */
import { Fault, type Log, type Timer, type Unsubscribe } from '@carnet/protocol'

export interface EventQueue<Event> {
  add(event: Event): void
  /** Counts an event that could not be kept elsewhere. */
  countLost(): void
  /** How many were dropped since the start. */
  readonly lost: number
  readonly queued: number
  /** Sends what is queued, once; what cannot be sent is counted as lost. */
  close(): Promise<void>
}

export interface EventQueueOptions<Event> {
  /**
   * Puts a batch on record.
   *
   * @throws {Fault} `peer-misbehaved` when the batch will never be taken; any other is tried again
   */
  readonly send: (batch: readonly Event[]) => Promise<void>
  /** The event that reports a loss. */
  readonly lossOf: (count: number) => Event
  readonly timer: Timer
  readonly log: Log
  readonly maxQueued: number
  readonly maxBatch: number
}

/** Company is waited for this long before a batch leaves, in seconds. */
const LINGER_SECONDS = 0.1
const FIRST_PAUSE_SECONDS = 0.5
const LONGEST_PAUSE_SECONDS = 30

export function createEventQueue<Event>(options: EventQueueOptions<Event>): EventQueue<Event> {
  const { send, lossOf, timer, log, maxQueued, maxBatch } = options
  const queue: Event[] = []
  let lost = 0
  let reported = 0
  let pause = FIRST_PAUSE_SECONDS
  let callOff: Unsubscribe | undefined
  let sending: Promise<void> | undefined

  function lose(count: number): void {
    lost += count
  }

  function sendSoon(seconds: number): void {
    callOff ??= timer.after(seconds, () => {
      callOff = undefined
      sending ??= drain().finally(() => {
        sending = undefined
        if (queue.length > 0 || lost > reported) sendSoon(pause)
      })
    })
  }

  /** Sends batch after batch until the queue is empty or one does not get through. */
  async function drain(): Promise<void> {
    while (queue.length > 0 || lost > reported) {
      const unreported = lost - reported
      const batch = queue.slice(0, maxBatch)
      const outcome = await attempt(unreported > 0 ? [...batch, lossOf(unreported)] : batch)
      if (outcome !== 'sent') pause = Math.min(pause * 2, LONGEST_PAUSE_SECONDS)
      if (outcome === 'later') return
      queue.splice(0, batch.length)
      if (outcome === 'refused') {
        lose(batch.length)
        return
      }
      reported += unreported
      pause = FIRST_PAUSE_SECONDS
    }
  }

  async function attempt(batch: readonly Event[]): Promise<'sent' | 'refused' | 'later'> {
    try {
      await send(batch)
      return 'sent'
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      log.warn('guard events could not be sent', {
        fault: error.code,
        problem: error.message,
        queued: queue.length,
        lost,
      })
      return error.code === 'peer-misbehaved' ? 'refused' : 'later'
    }
  }

  return {
    add(event) {
      if (queue.length >= maxQueued) lose(1)
      else queue.push(event)
      sendSoon(LINGER_SECONDS)
    },
    countLost() {
      lose(1)
      sendSoon(LINGER_SECONDS)
    },
    get lost() {
      return lost
    },
    get queued() {
      return queue.length
    },
    async close() {
      await sending
      await drain()
      callOff?.()
      lose(queue.length)
      queue.length = 0
    },
  }
}

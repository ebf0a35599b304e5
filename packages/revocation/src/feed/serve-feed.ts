/**
 * The server's side of the revocation feed.
 *
 * The caller has authenticated the resource server that asks; what it may hear is an argument.
 */
import type { Clock, ResourceId, TenantId, Timer } from '@carnet/protocol'
import { systemTimer } from '../system.ts'
import type { RevocationLog, RevocationRecord } from '../types.ts'
import { createWakeUp } from '../wake-up.ts'
import { type FeedPage, formatPosition, seqIn, toWire } from './wire.ts'

export interface FeedContext {
  readonly log: RevocationLog
  /** The resources of the resource server that asks: records about other resources are not its business. */
  readonly resources: readonly ResourceId[]
  /** The tenants whose tokens it accepts. */
  readonly tenants: readonly TenantId[]
  readonly clock: Clock
  /** Longest silence on an open stream, in seconds. */
  readonly heartbeatSeconds: number
  /** An open stream ends after this long, so that the reader has to authenticate again; 600 s unless told. */
  readonly maxStreamSeconds?: number
  readonly timer?: Timer
}

const BATCH = 500
const DEFAULT_MAX_STREAM_SECONDS = 600
const NO_STORE = { 'cache-control': 'no-store' }

/**
 * Answers one request for the feed, as a stream or as a page.
 *
 * @param request - a GET whose sender has authenticated
 * @throws {Fault} `store-unavailable`, from the log, before the answer has begun
 */
export async function serveFeed(request: Request, context: FeedContext): Promise<Response> {
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } })
  const generation = await context.log.generation()
  const from = request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('after')
  const reader = createReader(generation, seqIn(generation, from), context)
  const first = await reader.next()

  if (!acceptsStream(request)) {
    const page: FeedPage = { position: reader.position(), more: first.more, records: first.records.map(toWire) }
    return Response.json(page, { headers: NO_STORE })
  }
  const cancelled = new AbortController()
  const gone = AbortSignal.any([request.signal, cancelled.signal])
  return new Response(streamOf(frames(first, reader, gone, context), cancelled), {
    headers: { ...NO_STORE, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
  })
}

function acceptsStream(request: Request): boolean {
  return (request.headers.get('accept') ?? '').toLowerCase().includes('text/event-stream')
}

interface Batch {
  readonly records: readonly RevocationRecord[]
  readonly more: boolean
}

interface Reader {
  next(): Promise<Batch>
  position(): string
}

/** Reads on from `seq`; a position moves past what the reader is not told, too. */
function createReader(generation: string, seq: number, context: FeedContext): Reader {
  let at = seq
  return {
    async next() {
      const read = await context.log.after(at, BATCH)
      at = read.at(-1)?.seq ?? at
      const now = context.clock.now()
      const records = read.filter((record) => record.expiresAt > now && concerns(record, context))
      return { records, more: read.length === BATCH }
    },
    position: () => formatPosition(generation, at),
  }
}

function concerns({ tenant, target }: RevocationRecord, { resources, tenants }: FeedContext): boolean {
  return tenants.includes(tenant) && (target.kind !== 'resource' || resources.includes(target.resource))
}

/** Everything not yet told, then whatever is new, until the stream has to end. */
async function* frames(first: Batch, reader: Reader, gone: AbortSignal, context: FeedContext): AsyncGenerator<string> {
  const timer = context.timer ?? systemTimer
  const wakeUp = createWakeUp(timer)
  let over = false
  const end = () => {
    over = true
    wakeUp.call()
  }
  const unsubscribe = context.log.onAppend(() => wakeUp.call())
  const callOff = timer.after(context.maxStreamSeconds ?? DEFAULT_MAX_STREAM_SECONDS, end)
  gone.addEventListener('abort', end)
  // Whatever was appended between the first reading and this subscription called nobody.
  wakeUp.call()
  try {
    for (let batch = first; ; batch = await reader.next()) {
      for (const record of batch.records) yield frame('revocation', undefined, toWire(record))
      if (batch.more) continue
      yield frame('level', reader.position(), { heartbeat_seconds: context.heartbeatSeconds })
      await wakeUp.wait(context.heartbeatSeconds)
      if (over || gone.aborted) return
    }
  } finally {
    unsubscribe()
    callOff()
    gone.removeEventListener('abort', end)
  }
}

/** Only a `level` event moves the reader's position: a stream cut in the middle of a batch is told it all again. */
function frame(event: string, id: string | undefined, data: unknown): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Pulls as fast as the reader reads, so that a slow one costs no memory. */
function streamOf(texts: AsyncGenerator<string>, cancelled: AbortController): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await texts.next()
        if (next.done === true) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      },
      async cancel() {
        cancelled.abort()
        await texts.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

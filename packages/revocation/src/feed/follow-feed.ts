/**
 * The guard's side of the revocation feed: keeps an index level with a Resource Authorization Server it can reach
 * only over HTTP, and says how long ago it last was.
 *
 * A stream is preferred; where something on the way holds streams back, pages are fetched instead. Whoever asks
 * `isFresh` and hears no must refuse to serve: a token may have ended without our hearing of it.
 */
import type { Clock, EpochSeconds, Hidden, Log, Random, Timer } from '@carnet/protocol'
import { boundedText, parseStrictJson, quoted } from '@carnet/protocol'
import type { RevocationIndex } from '../revocation-index.ts'
import { createWakeUp } from '../wake-up.ts'
import { readEvents } from './event-stream.ts'
import { feedPage, parseRecord } from './wire.ts'

export interface FeedConfig {
  /** `<issuer>/revocations` of the Resource Authorization Server. */
  readonly url: string
  /** How this resource server authenticates there (`client_secret_basic`). */
  readonly id: string
  readonly secret: Hidden
  /** Silence after which the index is no longer trusted, in seconds. */
  readonly staleAfterSeconds: number
  /** Pause between two pages where streams do not get through, in seconds. */
  readonly pollSeconds: number
}

export const FEED_DEFAULTS = { staleAfterSeconds: 30, pollSeconds: 1 } as const

export interface FeedPorts {
  readonly index: RevocationIndex
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly timer: Timer
  readonly random: Random
  readonly log: Log
}

export interface FeedFollower {
  /** Whether everything that had ended one bound ago is known here. */
  isFresh(now: EpochSeconds): boolean
  /** Resolves when the index is level for the first time, or the following is stopped. */
  readonly ready: Promise<void>
  stop(): void
}

/** Pages are fetched for this long before a stream is tried again, in seconds. */
const RETRY_STREAM_SECONDS = 60
const FIRST_PAUSE_SECONDS = 0.2
const LONGEST_PAUSE_SECONDS = 5
const MAX_PAGE_CHARACTERS = 4_194_304

/** The feed answered, but not as a feed does. */
class FeedProblem extends Error {}

export function followFeed(config: FeedConfig, ports: FeedPorts): FeedFollower {
  const { index, clock, timer, log } = ports
  const authorization = `Basic ${Buffer.from(`${config.id}:${config.secret.reveal()}`).toString('base64')}`
  /** A stream this silent is given up, early enough for another attempt before the index is stale. */
  const silenceSeconds = config.staleAfterSeconds / 2
  const stopping = new AbortController()
  const wakeUp = createWakeUp(timer)
  let position: string | undefined
  let levelAt: EpochSeconds | undefined
  let becomeReady = () => {}
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve
  })

  function take(record: unknown): void {
    const parsed = parseRecord(record)
    // A record we cannot read may end something: without it the index is not level.
    if (parsed === undefined) throw new FeedProblem('the feed holds a record that cannot be understood')
    index.apply(parsed)
  }

  function level(at: EpochSeconds, newPosition: string): void {
    if (levelAt === undefined) log.info('the revocation feed is level', { url: config.url })
    position = newPosition
    levelAt = at
    index.forgetExpired(at)
    becomeReady()
  }

  /** Runs `use` with the answer to one GET, which is cut off when `calm` has not been called for a while. */
  async function get(accept: string, use: (response: Response, calm: () => void) => Promise<void>): Promise<void> {
    const silent = new AbortController()
    let callOff = timer.after(silenceSeconds, () => silent.abort())
    const calm = () => {
      callOff()
      callOff = timer.after(silenceSeconds, () => silent.abort())
    }
    try {
      const headers = { accept, authorization, ...(position !== undefined && { 'last-event-id': position }) }
      const signal = AbortSignal.any([silent.signal, stopping.signal])
      const response = await ports.fetch(config.url, { headers, redirect: 'error', signal })
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new FeedProblem(`the feed answered ${response.status}`)
      }
      await use(response, calm)
    } finally {
      callOff()
    }
  }

  /** @returns whether streams get through: at least one event arrived */
  async function stream(): Promise<boolean> {
    let heard = false
    try {
      await get('text/event-stream', async (response, calm) => {
        if (response.body === null || !isEventStream(response)) throw new FeedProblem('the feed does not stream')
        for await (const event of readEvents(response.body)) {
          heard = true
          calm()
          if (event.event === 'revocation') take(parsedJson(event.data))
          else if (event.event === 'level' && event.id !== undefined) level(clock.now(), event.id)
        }
      })
    } catch (error) {
      report(error)
    }
    return heard
  }

  async function fetchPages(): Promise<void> {
    for (let more = true; more; ) {
      const askedAt = clock.now()
      await get('application/json', async (response) => {
        const page = feedPage.safeParse(parsedJson(await boundedText(response.body, MAX_PAGE_CHARACTERS)))
        if (!page.success) throw new FeedProblem('the feed answered with something else than a page')
        for (const record of page.data.records) take(record)
        more = page.data.more
        if (more) position = page.data.position
        else level(askedAt, page.data.position)
      })
    }
  }

  /** @returns whether the last page came through */
  async function poll(): Promise<boolean> {
    let passed = 0
    while (!stopping.signal.aborted && passed < RETRY_STREAM_SECONDS) {
      try {
        await fetchPages()
      } catch (error) {
        report(error)
        return false
      }
      await wakeUp.wait(config.pollSeconds)
      passed += config.pollSeconds
    }
    return true
  }

  function report(error: unknown): void {
    if (!isFeedTrouble(error)) throw error
    if (!stopping.signal.aborted)
      log.warn('the revocation feed was cut', { url: config.url, problem: quoted(error.message) })
  }

  async function follow(): Promise<void> {
    let pause = FIRST_PAUSE_SECONDS
    while (!stopping.signal.aborted) {
      const works = (await stream()) || (!stopping.signal.aborted && (await poll()))
      pause = works ? FIRST_PAUSE_SECONDS : Math.min(pause * 2, LONGEST_PAUSE_SECONDS)
      if (!stopping.signal.aborted) await wakeUp.wait(jittered(pause, ports.random))
    }
  }

  follow().catch((error: unknown) => log.error('the revocation feed is no longer followed', { error }))

  return {
    ready,
    // A clock that was set back must not make an old word count as new.
    isFresh: (now) => levelAt !== undefined && Math.abs(now - levelAt) <= config.staleAfterSeconds,
    stop() {
      stopping.abort()
      wakeUp.call()
      becomeReady()
    },
  }
}

/** What a network, a proxy or a feed in trouble makes `fetch` and our readers throw. */
function isFeedTrouble(error: unknown): error is Error {
  return (
    error instanceof FeedProblem ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    (error instanceof DOMException && error.name === 'AbortError')
  )
}

function isEventStream(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').toLowerCase().startsWith('text/event-stream')
}

function parsedJson(text: string | undefined): unknown {
  const parsed = text === undefined ? undefined : parseStrictJson(text)
  if (parsed?.ok !== true) throw new FeedProblem('the feed answered with something else than JSON')
  return parsed.value
}

/** Between half and all of `seconds`, so that many guards do not come back at once. */
function jittered(seconds: number, random: Random): number {
  return seconds * (0.5 + (random.bytes(1)[0] ?? 0) / 510)
}

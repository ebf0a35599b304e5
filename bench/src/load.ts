/**
 * Loads servers in turn, round after round.
 *
 * Absolute figures of a shared machine say little; the ratio of two servers that took turns says much. What a server
 * itself spent on a request is told beside what came through, because the load generator uses the same cores.
 */
import autocannon from 'autocannon'
import { type Effort, WARM_UP_AT_MOST_SECONDS } from './benchmark.ts'
import type { ServerProcess } from './server-process.ts'
import { median, medianRatio, rounded } from './statistics.ts'

export interface Target {
  readonly name: string
  /** The processes that serve it; each is loaded with its share of the connections. */
  readonly processes: readonly Pick<ServerProcess<unknown>, 'cpuMicroseconds'>[]
  readonly urls: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** One body for every request, or a source of fresh ones where each may be used once only. */
  readonly body: string | FreshBodies
}

export interface FreshBodies {
  /** Makes some ready before a round, so that making them does not disturb it. */
  prepare(seconds: number): void
  next(): string
}

export interface Sample {
  readonly requestsPerSecond: number
  /** Of all its processes together, for one answered request. */
  readonly cpuMicroseconds: number
  readonly p50Milliseconds: number
  readonly p99Milliseconds: number
}

export type Samples = ReadonlyMap<string, readonly Sample[]>

/**
 * A round of every target, `rounds` times over; the samples of each target are in the order of the rounds.
 *
 * @throws where a server answers anything but success: its figures would be those of something else
 */
export async function takeTurns(targets: readonly Target[], effort: Effort): Promise<Samples> {
  const samples = new Map<string, Sample[]>(targets.map(({ name }) => [name, []]))
  for (const target of targets) await warmUp(target, effort)
  for (let round = 0; round < effort.rounds; round++) {
    for (const target of targets) samples.get(target.name)?.push(await fire(target, effort))
  }
  return samples
}

async function warmUp(target: Target, effort: Effort): Promise<void> {
  const end = performance.now() + WARM_UP_AT_MOST_SECONDS * 1000
  let answered = 0
  while (answered < effort.warmUpRequests * target.urls.length && performance.now() < end) {
    const { requestsPerSecond } = await fire(target, effort)
    answered += requestsPerSecond * effort.secondsPerRound
  }
}

async function fire(target: Target, { connections, secondsPerRound }: Effort): Promise<Sample> {
  const { name, processes, urls, headers, body } = target
  if (typeof body !== 'string') body.prepare(secondsPerRound)
  const before = await cpuOf(processes)
  const share = Math.max(1, Math.floor(connections / urls.length))
  const results = await Promise.all(
    urls.map((url) =>
      autocannon({
        url,
        connections: share,
        duration: secondsPerRound,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        ...(typeof body === 'string'
          ? { body }
          : { requests: [{ setupRequest: (request) => ({ ...request, body: body.next() }) }] }),
      }),
    ),
  )
  const cpu = (await cpuOf(processes)) - before
  const failures = results.reduce((sum, result) => sum + result.non2xx + result.errors + result.timeouts, 0)
  if (failures > 0) throw new Error(`${name}: ${failures} requests failed`)
  const answered = results.reduce((sum, result) => sum + result['2xx'], 0)
  return {
    requestsPerSecond: results.reduce((sum, result) => sum + result['2xx'] / result.duration, 0),
    cpuMicroseconds: cpu / answered,
    p50Milliseconds: Math.max(...results.map(({ latency }) => latency.p50)),
    p99Milliseconds: Math.max(...results.map(({ latency }) => latency.p99)),
  }
}

async function cpuOf(processes: Target['processes']): Promise<number> {
  const each = await Promise.all(processes.map((process) => process.cpuMicroseconds()))
  return each.reduce((sum, value) => sum + value, 0)
}

/** A target beside the limit of the same rounds. */
export interface Comparison {
  /** Requests per second, as a share of the limit's: 1 is the limit. */
  readonly throughputOfLimit: number
  /** The limit's CPU time for a request, as a share of the target's: 1 is the limit. */
  readonly efficiencyOfLimit: number
  readonly median: Sample
}

export function compare(samples: Samples, name: string, limit: string): Comparison {
  const own = samples.get(name) ?? []
  const best = samples.get(limit) ?? []
  const of = (member: keyof Sample) => own.map((sample) => sample[member])
  const ofLimit = (member: keyof Sample) => best.map((sample) => sample[member])
  return {
    throughputOfLimit: rounded(medianRatio(of('requestsPerSecond'), ofLimit('requestsPerSecond'))),
    efficiencyOfLimit: rounded(medianRatio(ofLimit('cpuMicroseconds'), of('cpuMicroseconds'))),
    median: {
      requestsPerSecond: rounded(median(of('requestsPerSecond'))),
      cpuMicroseconds: rounded(median(of('cpuMicroseconds'))),
      p50Milliseconds: median(of('p50Milliseconds')),
      p99Milliseconds: median(of('p99Milliseconds')),
    },
  }
}

/** Exchange and redemption over HTTP, everything durable, by one process and by two, beside the limit. */
import { PostgresServer } from '@carnet/testing'
import { type Benchmark, percent, type Report, withStarted } from '../benchmark.ts'
import { type Comparison, compare, type Target, takeTurns } from '../load.ts'
import { basic, newOrganisation, type OrganisationWithKey } from '../organisation.ts'
import type { CarnetReady, CarnetSettings } from '../processes/carnet.ts'
import type { LimitReady } from '../processes/limit.ts'
import { type ServerProcess, startProcess } from '../server-process.ts'
import { exchangeBody, freshRedemptions } from '../token-requests.ts'

type Which = 'exchange' | 'redemption'
type Carnet = ServerProcess<CarnetReady>

/** One process with the embedded database. */
export function embedded(which: Which): Benchmark {
  return (effort) =>
    withStarted(async (keep) => {
      const limit = await keep(startProcess<LimitReady>('./processes/limit.js'))
      const whole = await keep(newOrganisation())
      const carnet = await keep(startCarnet(whole, false))
      const targets = [limitTarget(limit), carnetTarget(which, which, whole, [carnet])]
      const samples = await takeTurns(targets, effort)
      return reportOn(which, compare(samples, which, 'limit'), samples.get('limit'), samples.get(which))
    })
}

/** One process and two, on one PostgreSQL server; what the server spends is not in the CPU time. */
export const processes: Benchmark = (effort) =>
  withStarted(async (keep) => {
    const limit = await keep(startProcess<LimitReady>('./processes/limit.js'))
    const postgres = await keep(PostgresServer.start())
    const whole = await keep(newOrganisation(postgres.url()))
    const first = await keep(startCarnet(whole, false))
    const second = await keep(startCarnet(whole, true))
    const targets = (['exchange', 'redemption'] as const).flatMap((which) => [
      carnetTarget(`${which}, one process`, which, whole, [first]),
      carnetTarget(`${which}, two processes`, which, whole, [first, second]),
    ])
    const samples = await takeTurns([limitTarget(limit), ...targets], effort)
    const comparisons = targets.map(({ name }) => ({ name, ...compare(samples, name, 'limit') }))
    return {
      lines: comparisons.map((comparison) => line(comparison.name, comparison)),
      figures: { comparisons, rounds: Object.fromEntries(samples) },
    }
  })

function startCarnet({ organisation }: OrganisationWithKey, further: boolean): Promise<Carnet> {
  const told: CarnetSettings = { organisation, further }
  return startProcess<CarnetReady>('./processes/carnet.js', told)
}

function limitTarget(limit: ServerProcess<LimitReady>): Target {
  return { name: 'limit', processes: [limit], urls: [limit.ready.url], body: limit.ready.body }
}

function carnetTarget(name: string, which: Which, whole: OrganisationWithKey, running: readonly Carnet[]): Target {
  const { organisation } = whole
  const at = (path: string) => running.map(({ ready }) => `http://127.0.0.1:${ready.port}${path}`)
  const idToken = running[0]?.ready.idToken ?? ''
  return which === 'exchange'
    ? {
        name,
        processes: running,
        urls: at('/token'),
        headers: { authorization: basic(organisation.client) },
        body: exchangeBody(organisation, idToken),
      }
    : {
        name,
        processes: running,
        urls: at('/tracker/token'),
        headers: { authorization: basic(organisation.clientThere) },
        body: freshRedemptions(whole),
      }
}

function reportOn(which: Which, comparison: Comparison, limit: unknown, own: unknown): Report {
  return { lines: [line(which, comparison)], figures: { ...comparison, rounds: { limit, own } } }
}

function line(name: string, { throughputOfLimit, efficiencyOfLimit, median }: Comparison): string {
  const { cpuMicroseconds, p50Milliseconds, p99Milliseconds } = median
  return (
    `${name}: ${percent(throughputOfLimit)} of the limit in requests, ${percent(efficiencyOfLimit)} in CPU time ` +
    `(${Math.round(cpuMicroseconds)} µs a request; p50 ${p50Milliseconds} ms, p99 ${p99Milliseconds} ms)`
  )
}

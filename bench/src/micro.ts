/** Times operations in this process, taking turns so that a slow phase of the machine touches all of them. */
import { median } from './statistics.ts'

export interface Turns {
  readonly rounds: number
  readonly millisecondsPerRound: number
}

export interface Operation {
  /** Makes ready what the round uses up. Not timed. */
  prepare?(): void
  /** Does it at least once and until `enough`; answers how often. */
  run(enough: () => boolean): number | Promise<number>
}

/** An operation that is done by calling a function. */
export function repeated(work: () => unknown): Operation {
  return {
    run(enough) {
      let count = 0
      do {
        work()
        count++
      } while (!enough())
      return count
    },
  }
}

const WARM_UP_ROUNDS = 3

/** Microseconds for each call, by name, round by round; rounds before the first only warm up. */
export async function microsecondsPerCall<Name extends string>(
  operations: Readonly<Record<Name, Operation>>,
  { rounds, millisecondsPerRound }: Turns,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(operations) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const name of names) {
      operations[name].prepare?.()
      const started = performance.now()
      const count = await operations[name].run(() => performance.now() - started >= millisecondsPerRound)
      if (round >= 0) samples[name].push(((performance.now() - started) * 1000) / count)
    }
  }
  return samples
}

export function medians<Name extends string>(
  samples: Readonly<Record<Name, readonly number[]>>,
): Readonly<Record<Name, number>> {
  const entries = Object.entries<readonly number[]>(samples).map(([name, values]) => [name, median(values)])
  return Object.fromEntries(entries) as Record<Name, number>
}

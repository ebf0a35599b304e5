/** What every benchmark is. */

export interface Effort {
  readonly connections: number
  readonly secondsPerRound: number
  readonly rounds: number
  /** Until so many were answered, the compiler is not ready, whatever time it took. */
  readonly warmUpRequests: number
}

export const FULL: Effort = { connections: 32, secondsPerRound: 5, rounds: 7, warmUpRequests: 10_000 }
export const QUICK: Effort = { connections: 32, secondsPerRound: 2, rounds: 3, warmUpRequests: 3000 }

/** However slow the machine is, warming up ends. */
export const WARM_UP_AT_MOST_SECONDS = 60

export interface Report {
  /** For people: what it came to, one line each. */
  readonly lines: readonly string[]
  /** For programs: the same and the rounds behind it. */
  readonly figures: object
}

export type Benchmark = (effort: Effort) => Promise<Report>

interface Stoppable {
  stop(): Promise<void>
}

/** Stops what was started, in reverse, whether or not the work succeeded. */
export async function withStarted<T>(
  work: (keep: <Started extends Stoppable>(starting: Promise<Started>) => Promise<Started>) => Promise<T>,
): Promise<T> {
  const started: Stoppable[] = []
  try {
    return await work(async (starting) => {
      const one = await starting
      started.push(one)
      return one
    })
  } finally {
    for (const one of started.reverse()) await one.stop()
  }
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

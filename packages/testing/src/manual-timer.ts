/** A timer that fires only when a test moves the clock. For tests only. */
import type { Timer, Unsubscribe } from '@carnet/protocol'
import type { FixedClock } from './time-and-chance.ts'

interface Appointment {
  readonly due: number
  readonly callback: () => void
}

export class ManualTimer implements Timer {
  readonly #clock: FixedClock
  readonly #appointments = new Set<Appointment>()
  #elapsed = 0

  constructor(clock: FixedClock) {
    this.#clock = clock
  }

  /** How many callbacks are waiting: zero when everything that was begun has been ended. */
  get pending(): number {
    return this.#appointments.size
  }

  after(seconds: number, callback: () => void): Unsubscribe {
    const appointment = { due: this.#elapsed + seconds, callback }
    this.#appointments.add(appointment)
    return () => {
      this.#appointments.delete(appointment)
    }
  }

  /** Moves the clock and calls what has become due, in order. */
  advance(seconds: number): void {
    this.#clock.advance(seconds)
    this.#elapsed += seconds
    const due = [...this.#appointments].filter((appointment) => appointment.due <= this.#elapsed)
    for (const appointment of due.sort((one, other) => one.due - other.due)) {
      if (this.#appointments.delete(appointment)) appointment.callback()
    }
  }
}

/** Removes now and then what has no meaning any more: nothing is decided by it, but without it the store only grows. */
import type { Log, Timer, Unsubscribe } from '@carnet/protocol'

export const TIDY_EVERY_SECONDS = 300

/** @param jobs - each for itself: one that fails is tried again next time, and holds up no other */
export function tidyUp(
  jobs: readonly (() => Promise<void>)[],
  { timer, log }: { readonly timer: Timer; readonly log: Log },
): Unsubscribe {
  let callOff: Unsubscribe = () => {}
  const wait = () => {
    callOff = timer.after(TIDY_EVERY_SECONDS, () => {
      for (const job of jobs) job().catch((error: unknown) => log.warn('Old rows could not be removed', { error }))
      wait()
    })
  }
  wait()
  return () => callOff()
}

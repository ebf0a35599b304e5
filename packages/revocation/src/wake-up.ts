/** Waiting for "something may be new" without ever missing it. */
import type { Timer } from '@carnet/protocol'

export interface WakeUp {
  /** Ends the current wait, or the next one when nobody is waiting. */
  call(): void
  /** Resolves `called` after the next `call`, or at once if there was one since the last wait; else `timeout`. */
  wait(seconds: number): Promise<'called' | 'timeout'>
}

export function createWakeUp(timer: Timer): WakeUp {
  let called = false
  let wake: ((how: 'called' | 'timeout') => void) | undefined
  return {
    call() {
      called = true
      wake?.('called')
    },
    async wait(seconds) {
      if (!called) {
        const how = await new Promise<'called' | 'timeout'>((resolve) => {
          const callOff = timer.after(seconds, () => resolve('timeout'))
          wake = (woken) => {
            callOff()
            resolve(woken)
          }
        })
        wake = undefined
        if (how === 'timeout' && !called) return 'timeout'
      }
      called = false
      return 'called'
    },
  }
}

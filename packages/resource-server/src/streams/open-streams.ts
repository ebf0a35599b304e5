/**
 * Ends what is still open when the access behind it ends: at expiry, at revocation, and when revocations can no
 * longer be heard of.
 */
import type { Timer, Unsubscribe } from '@carnet/protocol'
import type { Caller } from '../caller.ts'

export interface OpenStreams {
  readonly size: number
  /**
   * Calls `onEnd` once, as soon as `caller` has lost access.
   *
   * @param isOpen - whether there is anything to end yet
   */
  watch(caller: Caller, onEnd: () => void, isOpen?: () => boolean): Unsubscribe
  /** Looks at every stream now. */
  recheck(): void
}

/** Expiry and staleness are looked for this often while anything is open, in seconds. */
const TICK_SECONDS = 1

/** @param mayStay - whether the caller would be admitted now */
export function createOpenStreams(mayStay: (caller: Caller) => boolean, timer: Timer): OpenStreams {
  const open = new Map<
    object,
    { readonly caller: Caller; readonly onEnd: () => void; readonly isOpen: () => boolean }
  >()
  let callOff: Unsubscribe | undefined

  function recheck(): void {
    for (const [key, { caller, onEnd, isOpen }] of open) {
      if (mayStay(caller)) continue
      if (!isOpen()) continue
      open.delete(key)
      onEnd()
    }
  }

  function tick(): void {
    callOff = undefined
    recheck()
    if (open.size > 0) callOff = timer.after(TICK_SECONDS, tick)
  }

  return {
    get size() {
      return open.size
    },
    recheck,
    watch(caller, onEnd, isOpen = () => true) {
      const key = {}
      open.set(key, { caller, onEnd, isOpen })
      callOff ??= timer.after(TICK_SECONDS, tick)
      return () => {
        open.delete(key)
        if (open.size > 0) return
        callOff?.()
        callOff = undefined
      }
    },
  }
}

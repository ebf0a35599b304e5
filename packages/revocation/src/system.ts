/** The timer of this process. */
import type { Timer } from '@carnet/protocol'

/** Waiting alone does not keep a process alive. */
export const systemTimer: Timer = {
  after(seconds, callback) {
    const handle = setTimeout(callback, seconds * 1000)
    handle.unref()
    return () => clearTimeout(handle)
  },
}

/** Keeps an index level with a log this process can read itself: the one in its own database. */
import { Fault, type Log, type Timer, type Unsubscribe } from '@carnet/protocol'
import type { RevocationIndex } from './revocation-index.ts'
import type { RevocationLog } from './types.ts'
import { createWakeUp } from './wake-up.ts'

const BATCH = 500
/** Read again after this long even if nobody called: a lost notification delays, it does not lose. */
const RE_READ_SECONDS = 5
const RETRY_SECONDS = 1

/**
 * Reads everything there is, then follows.
 *
 * @returns once the index holds every record of the log; the value ends the following
 * @throws {Fault} from the first reading: a process that could not catch up must not serve
 */
export async function followLog(
  log: RevocationLog,
  index: RevocationIndex,
  ports: { readonly timer: Timer; readonly log: Log },
): Promise<Unsubscribe> {
  const wakeUp = createWakeUp(ports.timer)
  const unsubscribe = log.onAppend(() => wakeUp.call())
  try {
    await catchUp(log, index)
  } catch (error) {
    unsubscribe()
    throw error
  }

  let stopped = false
  const follow = async () => {
    let pause = RE_READ_SECONDS
    while (!stopped) {
      await wakeUp.wait(pause)
      if (stopped) return
      pause = (await couldCatchUp(log, index, ports.log)) ? RE_READ_SECONDS : RETRY_SECONDS
    }
  }
  void follow()

  return () => {
    stopped = true
    unsubscribe()
    wakeUp.call()
  }
}

async function catchUp(log: RevocationLog, index: RevocationIndex): Promise<void> {
  let records: Awaited<ReturnType<RevocationLog['after']>>
  do {
    records = await log.after(index.seq, BATCH)
    for (const record of records) index.apply(record)
  } while (records.length === BATCH)
}

async function couldCatchUp(log: RevocationLog, index: RevocationIndex, report: Log): Promise<boolean> {
  try {
    await catchUp(log, index)
    return true
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    report.warn('the revocation log cannot be read; trying again', { fault: error.code })
    return false
  }
}

/** Carries what the issuer withdraws to the Resource ASs hosted beside it, in order and until they have taken it. */
import { inTheirWords, type TheirWordsContext } from '@carnet/idp'
import type { IssuerId, Log, Timer, Unsubscribe } from '@carnet/protocol'
import type { ResourceAuthorizationServer } from '@carnet/resource-as'
import type { RevocationLog, RevocationRecord } from '@carnet/revocation'

export interface CarryContext extends TheirWordsContext {
  readonly issuer: IssuerId
  readonly hosted: readonly Pick<ResourceAuthorizationServer, 'issuer' | 'applyIssuerRevocation'>[]
  readonly log: Log
  readonly timer: Timer
}

const BATCH = 100
const RETRY_SECONDS = 1
/** Looked at again even if nobody called: a lost notification delays, it does not lose. */
const LOOK_AGAIN_SECONDS = 5

/**
 * Begins with everything that has not expired: a Resource AS that already took a record takes it again without effect, so a
 * crash between the two loses nothing.
 */
export async function carryRevocations(records: RevocationLog, context: CarryContext): Promise<Unsubscribe> {
  let seq = 0
  let stopped = false
  let underWay: Promise<void> = Promise.resolve()
  let cancelTimer: Unsubscribe = () => {}

  async function carryAll(): Promise<void> {
    for (;;) {
      const batch = await records.after(seq, BATCH)
      for (const record of batch) {
        await carry(record, context)
        seq = record.seq
      }
      if (batch.length < BATCH) return
    }
  }

  async function run(): Promise<void> {
    if (stopped) return
    cancelTimer()
    let pause = LOOK_AGAIN_SECONDS
    try {
      await carryAll()
    } catch (error) {
      // Whatever it is, trying again is right: a withdrawal that is not carried on must not be forgotten.
      context.log.error('a withdrawal could not be carried on yet; trying again', { error })
      pause = RETRY_SECONDS
    }
    cancelTimer = context.timer.after(pause, again)
  }

  function again(): void {
    underWay = underWay.then(run)
  }

  const unsubscribe = records.onAppend(again)
  await carryAll()
  again()
  return () => {
    stopped = true
    unsubscribe()
    cancelTimer()
  }
}

async function carry(record: RevocationRecord, context: CarryContext): Promise<void> {
  const { authorizationServers } = context.registry.current()
  for (const server of context.hosted) {
    const entry = authorizationServers.find(({ issuer }) => issuer === server.issuer)
    const there = entry && (await inTheirWords(record.target, entry, context))
    if (there === undefined) continue
    const { cutoff, reason, eventId } = record
    await server.applyIssuerRevocation({ issuer: context.issuer, ...there, cutoff, reason, eventId })
  }
}

/** The one place where a failure of ours becomes an answer: a 5xx, and an event if there is still anywhere to put it. */
import { type Answer, failureError, oauthErrorAnswer, toResponse } from '@carnet/http'
import { Fault, type IssuerId } from '@carnet/protocol'
import { dependencyFailed } from './events.ts'
import { mintTxn, type ResourceAsPorts } from './ports.ts'

export interface Guarded {
  answer(work: () => Promise<Answer>): Promise<Answer>
  response(work: () => Promise<Response>): Promise<Response>
}

export function guardedBy({
  issuer,
  log,
  events,
  clock,
  random,
}: Pick<ResourceAsPorts, 'log' | 'events' | 'clock' | 'random'> & { readonly issuer: IssuerId }): Guarded {
  async function failed(error: unknown): Promise<Answer> {
    const txn = mintTxn(random)
    log.error('a request could not be answered', { issuer, txn, error })
    try {
      await events.record(dependencyFailed({ reporter: issuer, at: clock.now(), txn }, error))
    } catch (unrecorded) {
      if (!(unrecorded instanceof Fault)) throw unrecorded
      log.error('the failure could not be put on record either', { issuer, txn, fault: unrecorded.code })
    }
    return oauthErrorAnswer(failureError(error), txn)
  }

  return {
    async answer(work) {
      try {
        return await work()
      } catch (error) {
        return failed(error)
      }
    },
    async response(work) {
      try {
        return await work()
      } catch (error) {
        return toResponse(await failed(error))
      }
    },
  }
}

/** Tells the operator that something of ours failed while a request was answered. */
import { Fault } from '@carnet/protocol'
import { dependencyFailed, type ExchangeChain } from '../events.ts'
import type { ExchangeContext } from '../ports.ts'

/** Logs the failure and puts it on record, unless the audit log is what failed. */
export async function reportFailure(
  error: unknown,
  chain: ExchangeChain,
  { events, log }: Pick<ExchangeContext, 'events' | 'log'>,
): Promise<void> {
  log.error('A token request failed', { txn: chain.txn, error })
  try {
    await events.record(dependencyFailed(chain, error))
  } catch (unrecorded) {
    if (!(unrecorded instanceof Fault)) throw unrecorded
    log.error('A failure could not be put on record', { txn: chain.txn, error: unrecorded })
  }
}

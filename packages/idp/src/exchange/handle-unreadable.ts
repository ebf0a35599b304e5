/**
 * Answers a request to the token endpoint that is not even a form.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-3.2 OAuth 2.1 §3.2}
 */
import {
  type Answer,
  clientError,
  clientRefusedEvent,
  failureError,
  oauthErrorAnswer,
  type RequestRefusal,
  requestError,
} from '@carnet/http'
import type { Txn } from '@carnet/protocol'
import { requestUnreadable } from '../events.ts'
import type { ExchangeContext } from '../ports.ts'
import { reportFailure } from './report-failure.ts'

/**
 * Puts the refusal on record and tells it, within the rate limits of the source: garbage must not fill the log.
 *
 * @param source - where the request came from, as `sourceOf` says
 */
export async function handleUnreadable(
  refusal: RequestRefusal,
  source: string,
  context: Pick<ExchangeContext, 'self' | 'limits' | 'events' | 'log' | 'clock' | 'random'>,
): Promise<Answer> {
  const txn = context.random.token(16) as Txn
  const start = { reporter: context.self, txn, at: context.clock.now() }
  const admitted = context.limits.admitSource(source, undefined, start.at)
  context.limits.countFailure(source, undefined, start.at)
  const nobody = { claimedClient: undefined, client: undefined, authorizationTried: false }
  try {
    const event = admitted.ok
      ? requestUnreadable(start, refusal)
      : clientRefusedEvent({ ...admitted.refusal, ...nobody }, start)
    if (event !== undefined) await context.events.record(event)
    return oauthErrorAnswer(admitted.ok ? requestError(refusal) : clientError({ ...admitted.refusal, ...nobody }), txn)
  } catch (error) {
    await reportFailure(error, start, context)
    return oauthErrorAnswer(failureError(error), txn)
  }
}

/**
 * The token endpoint: reads the request strictly, redeems, answers. What is decided is decided in `redeem`.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-3.2 OAuth 2.1 §3.2}
 */
import {
  type Answer,
  type ClientRequest,
  type Form,
  fixedError,
  jsonAnswer,
  oauthErrorAnswer,
  type RateLimits,
  type RequestRefusal,
  requestError,
} from '@carnet/http'
import type { Result } from '@carnet/protocol'
import { requestMalformed } from '../events.ts'
import { mintTxn } from '../ports.ts'
import { type RedemptionContext, redeem } from '../redeem/redeem.ts'
import { tellCaller } from '../redeem/tell-caller.ts'

/** Where a request to the token endpoint came from, and what was read of it. */
export interface TokenRequest {
  readonly form: Result<Form, RequestRefusal>
  readonly authorization: string | undefined
  readonly source: string
}

/** @throws {Fault} when something of ours is down */
export async function answerTokenRequest(
  { form, authorization, source }: TokenRequest,
  context: RedemptionContext & { readonly limits: RateLimits },
): Promise<Answer> {
  return form.ok
    ? answerRedemption({ form: form.value, authorization, source }, context)
    : answerMalformed(form.refusal, source, context)
}

async function answerRedemption(request: ClientRequest, context: RedemptionContext): Promise<Answer> {
  const outcome = await redeem(request, context)
  return outcome.ok
    ? jsonAnswer(200, outcome.value)
    : oauthErrorAnswer(tellCaller(outcome.refusal), outcome.refusal.txn)
}

/** Nobody has authenticated, so the source pays for what goes on record. */
export async function answerMalformed(
  refusal: RequestRefusal,
  source: string,
  {
    limits,
    events,
    clock,
    random,
    self,
  }: Pick<RedemptionContext, 'events' | 'clock' | 'random' | 'self'> & {
    readonly limits: RateLimits
  },
): Promise<Answer> {
  const now = clock.now()
  const txn = mintTxn(random)
  const admitted = limits.admitSource(source, undefined, now)
  limits.countFailure(source, undefined, now)
  const count = admitted.ok ? 1 : admitted.refusal.count
  if (count > 0) await events.record(requestMalformed({ reporter: self, at: now, txn }, refusal, count))
  if (admitted.ok) return oauthErrorAnswer(requestError(refusal), txn)
  const { retryAfterSeconds } = admitted.refusal
  return oauthErrorAnswer(fixedError('temporarily_unavailable', { status: 429, retryAfterSeconds }), txn)
}

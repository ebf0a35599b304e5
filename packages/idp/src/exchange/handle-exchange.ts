/**
 * The token-exchange side of the token endpoint: from a parsed form to an answer on the wire.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.2 RFC 8693 §2.2}
 */
import { type Answer, type ClientRequest, failureError, jsonAnswer, oauthErrorAnswer } from '@carnet/http'
import { formatScopes, ID_JAG_TOKEN_TYPE, type IdJagResponse, type Txn } from '@carnet/protocol'
import type { ExchangeChain } from '../events.ts'
import type { ExchangeContext } from '../ports.ts'
import { type Exchanged, exchange } from './exchange.ts'
import { tellCaller } from './refusals.ts'
import { reportFailure } from './report-failure.ts'

/**
 * Answers a token-exchange request. Never throws: what fails on our side is answered with a 5xx.
 *
 * @param input - of a request whose `grant_type` is token exchange
 * @param occasion - the `txn` of the request and the instant it is judged at
 */
export async function handleExchange(
  input: ClientRequest,
  occasion: Pick<ExchangeChain, 'txn' | 'at'>,
  context: ExchangeContext,
): Promise<Answer> {
  const { txn } = occasion
  const start = { reporter: context.self, ...occasion }
  try {
    const outcome = await exchange(input, start, context)
    if (outcome.ok) return jsonAnswer(200, responseBody(outcome.value, txn))
    return oauthErrorAnswer(tellCaller(outcome.refusal, context.explanationPage(txn)), txn)
  } catch (error) {
    await reportFailure(error, start, context)
    return oauthErrorAnswer(failureError(error), txn)
  }
}

/** @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.4 ID-JAG §4.3.4} */
function responseBody({ grant, decision, resource }: Exchanged, txn: Txn): IdJagResponse {
  return {
    issued_token_type: ID_JAG_TOKEN_TYPE,
    access_token: grant.idJag.reveal(),
    // Not an access token, and usable at no resource: that is what this value says (RFC 8693 §2.2.1).
    token_type: 'N_A',
    expires_in: grant.lifetimeSeconds,
    scope: formatScopes(decision.scopes),
    resource,
    txn,
    ...(decision.dropped.length > 0 && { carnet_dropped_scopes: [...decision.dropped] }),
  }
}

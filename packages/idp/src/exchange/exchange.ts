/**
 * Exchanges a subject token for an ID-JAG: the whole order of steps.
 *
 * Each step is a rule in a file beside this one; the first that says no ends the exchange.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 RFC 8693 §2}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3 ID-JAG §4.3}
 */
import { authenticateClient, type ClientRequest } from '@carnet/http'
import { accept, ID_TOKEN_TYPE, type Result, refuse } from '@carnet/protocol'
import { type ExchangeChain, exchangeRefused, grantIssued, publicExceptionUsed } from '../events.ts'
import type { ExchangeContext } from '../ports.ts'
import { checkClientRole } from './client.ts'
import { decideGrant, type GrantDecision } from './decide.ts'
import { verifyIdToken } from './id-token.ts'
import { type IssuedGrant, issueIdJag } from './issue.ts'
import { verifyRefreshToken } from './refresh-token.ts'
import type { ExchangeRefusal } from './refusals.ts'
import { parseExchangeRequest } from './request.ts'
import { standingSubject, withdrawn } from './subject.ts'
import { exchangeTarget } from './target.ts'

export interface Exchanged {
  readonly grant: IssuedGrant
  readonly decision: GrantDecision
  readonly resource: string
}

/**
 * Answers one token-exchange request.
 *
 * @param input - a strictly parsed form and the `Authorization` header; attacker-controlled
 * @param start - this exchange's `txn` and the instant it is judged at
 * @returns the ID-JAG, after its audit event is durable, or the first rule the request broke, after its event is
 * @throws {Fault} from a dependency: nothing is issued, and it is not the client's fault
 */
export async function exchange(
  input: ClientRequest,
  start: Pick<ExchangeChain, 'reporter' | 'txn' | 'at'>,
  context: ExchangeContext,
): Promise<Result<Exchanged, ExchangeRefusal>> {
  const { self, keys, events, refreshTokens } = context
  const now = start.at
  const snapshot = context.registry.current()

  const no = async (chain: ExchangeChain, refused: ExchangeRefusal) => {
    const event = exchangeRefused(chain, refused)
    if (event !== undefined) await events.record(event)
    return refuse(refused)
  }

  const authenticated = await authenticateClient(input, {
    self,
    clients: { find: (id) => snapshot.clients.get(id) },
    replay: context.replay,
    limits: context.limits,
    now,
    skewSeconds: context.skewSeconds,
  })
  if (!authenticated.ok) return no(start, { step: 'client', refusal: authenticated.refusal })
  const role = checkClientRole(authenticated.value)
  if (!role.ok) return no(start, { step: 'client-role', refusal: role.refusal })
  const client = role.value.entry
  const byClient = { ...start, client: client.id }
  if (role.value.byException) await events.record(publicExceptionUsed(byClient))

  const request = parseExchangeRequest(input.form)
  if (!request.ok) return no(byClient, { step: 'request', refusal: request.refusal })
  const { subjectToken, subjectTokenType, audiences, resources, scopes } = request.value
  const named = { audiences, resources }
  const asked = { ...byClient, named, ...(scopes !== undefined && { requestedScopes: scopes }) }

  const facts =
    subjectTokenType === ID_TOKEN_TYPE
      ? verifyIdToken(subjectToken, { self, keys, client: client.id, now })
      : await verifyRefreshToken(subjectToken, { refreshTokens, client: client.id, now })
  if (!facts.ok) return no(asked, { step: 'subject-token', refusal: facts.refusal })
  const ofSession = { ...asked, session: facts.value.sid }
  const subject = await standingSubject(facts.value, client.id, { ...context, now })
  if (!subject.ok) return no(ofSession, { step: 'standing', refusal: subject.refusal })
  const ofPerson = { ...ofSession, subject: subject.value }

  const target = exchangeTarget(request.value, client, snapshot, self)
  if (!target.ok) return no(ofPerson, { step: 'target', refusal: target.refusal })
  const whole = { ...ofPerson, target: target.value }

  const decider = context.policy.currentDecider()
  const about = { decider, client: client.id, subject: subject.value, target: target.value, now }
  const decision = decideGrant(scopes, about)
  if (!decision.ok) return no(whole, { step: 'policy', refusal: decision.refusal })

  const grant = issueIdJag(decision.value, subject.value, target.value, { ...context, txn: start.txn, now })
  if (!grant.ok) return no(whole, { step: 'issue', refusal: grant.refusal })
  const { person, signIn, withdrawable } = subject.value
  const event = grantIssued(whole, decision.value, grant.value)
  const ended = await context.grants.commit({ event, withdrawable })
  if (ended !== undefined) return no(whole, { step: 'standing', refusal: withdrawn(person, signIn, ended) })
  return accept({ grant: grant.value, decision: decision.value, resource: target.value.server.resource })
}

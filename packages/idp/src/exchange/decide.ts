/**
 * Decides which scopes are granted: those requested, that the server has, and that policy permits this person
 * through this client now.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.3 ID-JAG §4.3.3}
 */
import type { DroppedPolicyScope, PolicyDecider, PolicyDecision, PolicyQuestion } from '@carnet/policy'
import {
  accept,
  type ClientId,
  type DroppedScope,
  type EpochSeconds,
  type Result,
  refuse,
  type Scope,
} from '@carnet/protocol'
import { type ScopeEntry, scopesOfRequest, type Target } from '@carnet/registry'
import type { ExchangeSubject } from './subject.ts'

export interface GrantDecision {
  readonly scopes: readonly [Scope, ...Scope[]]
  /** What was asked for and is not granted; empty where nothing particular was asked for. */
  readonly dropped: readonly DroppedScope[]
  /** The permits that allowed it. */
  readonly rules: readonly string[]
  readonly policyVersion: string
}

export type DecisionRefusal = {
  /** `not-entitled`: nothing at this server; `nothing-granted`: something, but none of what was asked for. */
  readonly reason: 'not-entitled' | 'nothing-granted'
  readonly because: DroppedPolicyScope['reason']
  readonly rule: string | undefined
  readonly dropped: readonly DroppedScope[]
  readonly policyVersion: string
}

export interface DecisionContext {
  readonly decider: PolicyDecider
  readonly client: ClientId
  readonly subject: Pick<ExchangeSubject, 'person' | 'signIn'>
  readonly target: Target
  readonly now: EpochSeconds
}

/**
 * @param requested - well-formed scopes, attacker-controlled; `undefined` asks for whatever policy gives
 * @throws {Fault} `policy-unavailable`
 */
export function decideGrant(
  requested: readonly Scope[] | undefined,
  context: DecisionContext,
): Result<GrantDecision, DecisionRefusal> {
  const { decider, target } = context
  const { known, unknown } = scopesOfRequest(target.server, requested)
  const decision = decider.decide(questionAbout(known, context))
  const dropped = requested === undefined ? [] : [...unknown.map(unknownScope), ...decision.dropped.map(droppedScope)]

  const [first, ...more] = decision.granted
  if (first === undefined) return refuse(nothingLeft(decision, dropped, context))
  return accept({
    scopes: [first.scope, ...more.map(({ scope }) => scope)],
    dropped,
    rules: [...new Set(decision.granted.map(({ rule }) => rule))],
    policyVersion: decision.policyVersion,
  })
}

function questionAbout(
  scopes: readonly ScopeEntry[],
  { client, subject, target, now }: DecisionContext,
): PolicyQuestion {
  const { person, signIn } = subject
  const { resource, authorizationServer, environment } = target.server
  return {
    person: { id: person.id, groups: person.groups, attributes: person.attributes },
    client: { id: client },
    server: { resource, authorizationServer, environment },
    scopes: scopes.map(({ name, class: scopeClass }) => ({ name, class: scopeClass })),
    authentication: { acr: signIn.acr, amr: signIn.amr, ageSeconds: now - signIn.authTime },
  }
}

/** Tells a person without any access here from one who asked for the wrong thing (Δ C-05). */
function nothingLeft(
  decision: PolicyDecision,
  dropped: readonly DroppedScope[],
  context: DecisionContext,
): DecisionRefusal {
  const everything = context.decider.decide(questionAbout(context.target.server.scopes, context))
  const isEntitled = everything.granted.length > 0
  const refused = isEntitled ? decision.dropped : everything.dropped
  // Where something is merely not permitted, forbidding the rest is not the reason.
  const forbidden = refused.every(({ reason }) => reason === 'policy.forbidden') ? refused[0] : undefined
  return {
    reason: isEntitled ? 'nothing-granted' : 'not-entitled',
    because: forbidden?.reason ?? 'policy.no-matching-rule',
    rule: forbidden?.rule,
    dropped,
    policyVersion: decision.policyVersion,
  }
}

function unknownScope(scope: Scope): DroppedScope {
  return { scope, reason: 'scope.unknown' }
}

function droppedScope({ scope, reason, rule }: DroppedPolicyScope): DroppedScope {
  return { scope, reason, ...(rule !== undefined && { rule }) }
}

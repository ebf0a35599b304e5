/** The security events of the token exchange, one function for each. */
import { clientRefusedEvent, type RequestRefusal } from '@carnet/http'
import {
  type ClientId,
  type EpochSeconds,
  Fault,
  type IssuerId,
  quoted,
  type Scope,
  type SecurityEvent,
  type SessionId,
  type Txn,
} from '@carnet/protocol'
import type { Target } from '@carnet/registry'
import type { GrantDecision } from './exchange/decide.ts'
import type { IssuedGrant } from './exchange/issue.ts'
import type { ExchangeRefusal } from './exchange/refusals.ts'
import type { ExchangeSubject } from './exchange/subject.ts'

/** One exchange, and what has been established about it so far. */
export interface ExchangeChain {
  readonly reporter: IssuerId
  readonly txn: Txn
  readonly at: EpochSeconds
  readonly client?: ClientId
  readonly session?: SessionId
  readonly subject?: ExchangeSubject
  readonly target?: Target
  readonly requestedScopes?: readonly Scope[]
  /** What the request named, unresolved: attacker-controlled. */
  readonly named?: { readonly audiences: readonly string[]; readonly resources: readonly string[] }
}

type ChainFacts = Pick<
  SecurityEvent,
  'reporter' | 'at' | 'txn' | 'client' | 'person' | 'session' | 'causes' | 'audience' | 'resource' | 'requestedScopes'
>

function factsOf({ reporter, at, txn, client, session, subject, target, requestedScopes }: ExchangeChain): ChainFacts {
  return {
    reporter,
    at,
    txn,
    ...(client !== undefined && { client }),
    ...(session !== undefined && { session }),
    ...(subject !== undefined && { person: subject.person.id, causes: [subject.signIn.eventId] }),
    ...(target !== undefined && {
      audience: target.authorizationServer.issuer,
      resource: target.server.resource,
    }),
    ...(requestedScopes !== undefined && { requestedScopes: requestedScopes.filter(isPlausible) }),
  }
}

const LONGEST_PLAUSIBLE_SCOPE = 100

/** Anything longer names no scope of ours, and may be a token that was sent in the wrong place (IDP-46). */
function isPlausible(scope: Scope): boolean {
  return scope.length <= LONGEST_PLAUSIBLE_SCOPE
}

/** An ID-JAG was issued. */
export function grantIssued(chain: ExchangeChain, decision: GrantDecision, grant: IssuedGrant): SecurityEvent {
  return {
    type: 'grant.issued',
    outcome: 'success',
    ...factsOf(chain),
    subject: grant.subject,
    grantedScopes: decision.scopes,
    tokenId: grant.id,
    rule: decision.rules.join(' '),
    policyVersion: decision.policyVersion,
    details: {
      lifetime_seconds: grant.lifetimeSeconds,
      ...(decision.dropped.length > 0 && {
        dropped_scopes: decision.dropped.map(({ scope }) => quoted(scope, LONGEST_PLAUSIBLE_SCOPE)),
      }),
    },
  }
}

/** A public client was let through because an administrator named it as an exception (IDP-15). */
export function publicExceptionUsed(chain: ExchangeChain): SecurityEvent {
  return { type: 'client.public-exception-used', outcome: 'success', ...factsOf(chain) }
}

/** An exchange was refused; `undefined` where an earlier event already speaks for a flood. */
export function exchangeRefused(chain: ExchangeChain, refused: ExchangeRefusal): SecurityEvent | undefined {
  switch (refused.step) {
    case 'client':
      return clientRefusedEvent(refused.refusal, chain)
    case 'client-role':
      return {
        type: refused.refusal.reason === 'public-client' ? 'client-authentication.refused' : 'grant.refused',
        outcome: 'refused',
        ...factsOf({ ...chain, client: refused.refusal.client }),
        reason: refused.refusal.reason,
      }
    case 'policy':
      return {
        type: 'grant.refused',
        outcome: 'refused',
        ...factsOf(chain),
        reason: refused.refusal.reason,
        ...(refused.refusal.rule !== undefined && { rule: refused.refusal.rule }),
        policyVersion: refused.refusal.policyVersion,
        details: { because: refused.refusal.because },
      }
    case 'standing':
      return {
        type: 'grant.refused',
        outcome: 'refused',
        ...factsOf(chain),
        ...(refused.refusal.person !== undefined && { person: refused.refusal.person }),
        causes: refused.refusal.causes,
        reason: refused.refusal.reason,
      }
    case 'target':
      return {
        type: 'grant.refused',
        outcome: 'refused',
        ...factsOf(chain),
        reason: refused.refusal.reason,
        details: {
          ...detailsOf(refused.refusal),
          audience: (chain.named?.audiences ?? []).map(receivedName),
          resource: (chain.named?.resources ?? []).map(receivedName),
        },
      }
    case 'request':
      return { type: 'request.malformed', outcome: 'refused', ...factsOf(chain), reason: refused.refusal.reason }
    default:
      return {
        type: 'grant.refused',
        outcome: 'refused',
        ...factsOf(chain),
        reason: refused.refusal.reason,
        details: detailsOf(refused.refusal),
      }
  }
}

/** A request to the token endpoint was not a form anybody could act on. */
export function requestUnreadable(chain: ExchangeChain, refusal: RequestRefusal): SecurityEvent {
  return {
    type: 'request.malformed',
    outcome: 'refused',
    ...factsOf(chain),
    reason: refusal.reason,
    details: detailsOf(refusal),
  }
}

/** A URI without its query, or the beginning of what is none and may be a token in the wrong place (IDP-46). */
function receivedName(value: string): string {
  const [uri = ''] = value.split(/[?#]/, 1)
  return /^[a-z][a-z0-9+.-]*:/i.test(uri) ? quoted(uri) : quoted(uri, 16)
}

/** Whatever a refusal says beside its reason: received and expected values, quoted. */
function detailsOf(refusal: {
  readonly reason: string
}): Readonly<Record<string, string | number | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(refusal)
      .filter(([name]) => name !== 'reason')
      .map(([name, value]) => [name, detail(value)]),
  )
}

function detail(value: unknown): string | number | readonly string[] {
  if (typeof value === 'number') return value
  return Array.isArray(value) ? value.map((item) => quoted(item)) : quoted(value)
}

/** Something of ours was down, so nothing was issued. */
export function dependencyFailed(chain: ExchangeChain, error: unknown): SecurityEvent {
  return {
    type: 'dependency.failed',
    outcome: 'failed',
    ...factsOf(chain),
    reason: error instanceof Fault ? error.code : 'internal',
  }
}

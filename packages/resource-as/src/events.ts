/** What this server reports to the audit log: one function for each kind of event. */
import { clientRefusedEvent } from '@carnet/http'
import {
  type EpochSeconds,
  Fault,
  type IdJagClaims,
  type IssuerId,
  quoted,
  type ResourceId,
  type Scope,
  type SecurityEvent,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import { sha256Text } from '@carnet/tokens'
import type { Account, ResourceAsClient } from './ports.ts'
import type { RefusedRedemption } from './redeem/refusals.ts'

/** As much as is known of a redemption by the time it is reported. */
export interface RedemptionFacts {
  readonly reporter: IssuerId
  readonly at: EpochSeconds
  readonly txn: Txn
  readonly client?: ResourceAsClient
  /** Verified: nothing of an assertion is reported before its signature holds. */
  readonly claims?: IdJagClaims
  readonly account?: Account
  readonly resource?: ResourceId
}

export function tokenIssued(
  facts: RedemptionFacts & { readonly claims: IdJagClaims },
  token: { readonly id: TokenId; readonly scopes: readonly Scope[]; readonly expiresAt: EpochSeconds },
): SecurityEvent {
  const common = redemptionEvent('token.issued', 'success', facts)
  return {
    ...common,
    tokenId: token.id,
    grantedScopes: token.scopes,
    details: { ...common.details, expires_at: token.expiresAt },
  }
}

/** @returns `undefined` where an earlier event already speaks for a flood */
export function tokenRefused(facts: RedemptionFacts, refusal: RefusedRedemption): SecurityEvent | undefined {
  if (refusal.reason === 'client-not-authenticated') return clientRefusedEvent(refusal.cause, facts)
  const common = redemptionEvent('token.refused', 'refused', facts)
  return {
    ...common,
    reason: refusal.reason,
    ...(refusal.reason === 'access-withdrawn' && refusal.eventId !== '' && { causes: [refusal.eventId] }),
    details: { ...common.details, ...refusalDetails(refusal) },
  }
}

/** A subject was seen for the first time, and has an account from now on. */
export function accountLinked(facts: RedemptionFacts): SecurityEvent {
  return redemptionEvent('account.linked', 'success', facts)
}

export function tokenRevoked(
  facts: RedemptionFacts,
  token: { readonly id: TokenId; readonly resource: ResourceId },
): SecurityEvent {
  return { ...redemptionEvent('token.revoked', 'success', facts), tokenId: token.id, resource: token.resource }
}

export function requestMalformed(
  facts: RedemptionFacts,
  defect: { readonly reason: string },
  count: number,
): SecurityEvent {
  return {
    ...redemptionEvent('request.malformed', 'refused', facts),
    reason: defect.reason,
    details: { ...refusalDetails(defect), count },
  }
}

/** Says what of ours was down; the caller was told to try again. */
export function dependencyFailed(facts: RedemptionFacts, error: unknown): SecurityEvent {
  return {
    ...redemptionEvent('dependency.failed', 'failed', facts),
    reason: error instanceof Fault ? error.code : 'internal',
  }
}

function redemptionEvent(
  type: string,
  outcome: SecurityEvent['outcome'],
  { reporter, at, txn, client, claims, account, resource }: RedemptionFacts,
): SecurityEvent {
  return {
    type,
    outcome,
    reporter,
    at,
    txn,
    ...(client !== undefined && { client: client.id, tenant: client.tenant }),
    ...(account !== undefined && { subject: account.id }),
    ...(resource !== undefined && { resource }),
    ...(claims?.sid !== undefined && { session: claims.sid }),
    ...(claims !== undefined && { audience: reporter, details: assertionDetails(claims) }),
  }
}

/** The subject is hashed: the log links a person's rows without naming them in another company's words. */
function assertionDetails({ iss, sub, jti, scope, act }: IdJagClaims): NonNullable<SecurityEvent['details']> {
  return {
    issuer: quoted(iss),
    subject_hash: sha256Text(sub),
    id_jag: quoted(jti),
    ...(scope !== undefined && { claimed_scope: quoted(scope) }),
    ...(act !== undefined && { act: quoted(act) }),
  }
}

/** Received and expected values: what the caller is never told. */
function refusalDetails(refusal: object): Record<string, string | number> {
  const values = Object.entries(refusal).filter(([name]) => !NOT_DETAILS.has(name))
  return Object.fromEntries(values.map(([name, value]) => [name, typeof value === 'number' ? value : quoted(value)]))
}

const NOT_DETAILS: ReadonlySet<string> = new Set(['reason', 'txn', 'eventId'])

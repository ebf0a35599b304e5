/**
 * Refuses an ID-JAG that was issued before access was withdrawn.
 *
 * A record names the person by local account. Before there was a link it could only name them as the issuer does,
 * so both names are asked for.
 */
import { accept, type IdJagClaims, type ResourceId, type Result, refuse } from '@carnet/protocol'
import type { RevocableFacts, RevocationIndex } from '@carnet/revocation'
import { sha256Text } from '@carnet/tokens'
import type { Account, ExternalSubject } from '../ports.ts'

export type WithdrawnRefusal = { readonly reason: 'access-withdrawn'; readonly record: string; readonly eventId: string }

export interface WithdrawnQuestion {
  readonly claims: IdJagClaims
  readonly subject: ExternalSubject
  readonly account: Account
  readonly resource: ResourceId
  readonly index: RevocationIndex
}

export function checkWithdrawn(question: WithdrawnQuestion): Result<undefined, WithdrawnRefusal> {
  const { claims, subject, account, resource, index } = question
  const facts: RevocableFacts = {
    tenant: subject.tenant,
    subject: account.id,
    client: claims.client_id,
    session: claims.sid,
    resource,
    token: undefined,
    issuedAt: claims.iat,
  }
  const record = index.find(facts) ?? index.find({ ...facts, subject: externalSubjectKey(subject) })
  return record === undefined
    ? accept()
    : refuse({ reason: 'access-withdrawn', record: record.id, eventId: record.eventId })
}

/** How a revocation record names a person who has no account here yet. Tells a guard that hears it nothing. */
export function externalSubjectKey({ issuer, issuerTenant, subject }: ExternalSubject): string {
  return `external:${sha256Text(JSON.stringify([issuer, issuerTenant ?? null, subject]))}`
}

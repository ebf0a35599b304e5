/**
 * Refuses an ID-JAG that was issued before access was withdrawn.
 *
 * A record names the person by local account. Before there was a link it could only name them as the issuer does,
 * so both names are asked for.
 */
import { accept, type IdJagClaims, type Result, refuse } from '@carnet/protocol'
import type { RevocableFacts, RevocationIndex, RevocationRecord } from '@carnet/revocation'
import { sha256Text } from '@carnet/tokens'
import type { Account, ExternalSubject, GovernedResource } from '../ports.ts'

export type WithdrawnRefusal = {
  readonly reason: 'access-withdrawn'
  readonly record: string
  readonly eventId: string
}

export interface WithdrawnQuestion {
  readonly claims: IdJagClaims
  readonly subject: ExternalSubject
  readonly account: Account
  readonly resource: GovernedResource
}

/** What a record may name to end what this ID-JAG stands for. */
export function withdrawableFacts(question: WithdrawnQuestion): readonly [RevocableFacts, RevocableFacts] {
  const { claims, subject, account, resource } = question
  const facts: RevocableFacts = {
    tenant: subject.tenant,
    subject: account.id,
    client: claims.client_id,
    session: claims.sid,
    resource: resource.id,
    token: undefined,
    issuedAt: claims.iat,
  }
  return [facts, { ...facts, subject: externalSubjectKey(subject) }]
}

export function checkWithdrawn(
  facts: readonly RevocableFacts[],
  index: Pick<RevocationIndex, 'find'>,
): Result<undefined, WithdrawnRefusal> {
  for (const fact of facts) {
    const record = index.find(fact)
    if (record !== undefined) return refuse(withdrawnBy(record))
  }
  return accept()
}

export function withdrawnBy({ id, eventId }: RevocationRecord): WithdrawnRefusal {
  return { reason: 'access-withdrawn', record: id, eventId }
}

/** How a revocation record names a person who has no account here yet. Tells a guard that hears it nothing. */
export function externalSubjectKey({ issuer, issuerTenant, subject }: ExternalSubject): string {
  return `external:${sha256Text(JSON.stringify([issuer, issuerTenant ?? null, subject]))}`
}

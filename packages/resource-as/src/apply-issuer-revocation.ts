/**
 * Translates what an issuer withdrew into this server's own vocabulary: its account, its client, its session id.
 *
 * The record ends what was issued up to the cut-off, ID-JAGs still on their way included. It may arrive late: tokens
 * issued here in the meantime, for ID-JAGs from before the cut-off, are ended one by one.
 */
import type { ClientId, EpochSeconds, IssuerId, SessionId, Subject, TenantId } from '@carnet/protocol'
import type { RevocationTarget } from '@carnet/revocation'
import type { Accounts, ExternalSubject, Revocations, TokenQuery, TokenRecords, TrustedIssuer } from './ports.ts'
import { MAX_TOKEN_LIFETIME_SECONDS } from './redeem/access-token.ts'
import { externalSubjectKey } from './redeem/withdrawn.ts'

/** What an issuer says. The most particular of session, subject and client that it names is what ends. */
export interface IssuerRevocation {
  readonly issuer: IssuerId
  /** As the issuer names the person towards this server. */
  readonly subject?: Subject
  /** As the issuer names the session towards this server. */
  readonly session?: SessionId
  /** The client's id at this server. */
  readonly client?: ClientId
  readonly cutoff: EpochSeconds
  readonly reason: string
  /** The event it follows from; applying the same one again changes nothing. */
  readonly eventId: string
}

export interface RevocationApplier {
  readonly accounts: Pick<Accounts, 'findLinked'>
  readonly tokens: TokenRecords
  readonly revocations: Pick<Revocations, 'append'>
  /** Every trust entry for the issuer, one for each tenant. */
  readonly trusted: readonly TrustedIssuer[]
}

/** An ID-JAG may be this old and a token live this long after it, clock difference included, in seconds. */
const KEEP_SECONDS = MAX_TOKEN_LIFETIME_SECONDS + 3600 + 120

/** @throws {Fault} `store-unavailable`: apply it again */
export async function applyIssuerRevocation(revocation: IssuerRevocation, applier: RevocationApplier): Promise<void> {
  for (const { tenant, issuer, issuerTenant } of applier.trusted) {
    if (issuer !== revocation.issuer) continue
    const subject: ExternalSubject | undefined =
      revocation.subject === undefined ? undefined : { tenant, issuer, issuerTenant, subject: revocation.subject }
    for (const target of namedByIssuer(revocation, subject)) await append(revocation, tenant, target, applier)
    // Looked up only now: an account linked from here on meets the record above when its first token is issued.
    const account =
      subject === undefined || revocation.session !== undefined ? undefined : await applier.accounts.findLinked(subject)
    if (account !== undefined) await append(revocation, tenant, { kind: 'subject', subject: account.id }, applier)
    await endLateTokens(revocation, tenant, applier)
  }
}

function namedByIssuer(
  { session, client }: IssuerRevocation,
  subject: ExternalSubject | undefined,
): readonly RevocationTarget[] {
  if (session !== undefined) return [{ kind: 'session', session }]
  if (subject !== undefined) return [{ kind: 'subject', subject: externalSubjectKey(subject) }]
  return client === undefined ? [] : [{ kind: 'client', client }]
}

async function endLateTokens(
  revocation: IssuerRevocation,
  tenant: TenantId,
  applier: RevocationApplier,
): Promise<void> {
  const query = tokensOf(revocation, tenant)
  if (query === undefined) return
  for (const token of await applier.tokens.find(query, revocation.cutoff)) {
    if (token.issuer !== revocation.issuer) continue
    if (token.grantIssuedAt > revocation.cutoff || token.issuedAt <= revocation.cutoff) continue
    const { cutoff: _, ...late } = revocation
    await append(late, tenant, { kind: 'token', token: token.id }, applier)
  }
}

function tokensOf({ issuer, session, subject, client }: IssuerRevocation, tenant: TenantId): TokenQuery | undefined {
  if (session !== undefined) return { tenant, session }
  if (subject !== undefined) return { tenant, issuer, subject }
  return client === undefined ? undefined : { tenant, client }
}

async function append(
  { cutoff, reason, eventId }: Pick<IssuerRevocation, 'reason' | 'eventId'> & { readonly cutoff?: EpochSeconds },
  tenant: TenantId,
  target: RevocationTarget,
  { revocations }: RevocationApplier,
): Promise<void> {
  await revocations.append({
    id: JSON.stringify([eventId, tenant, target]),
    tenant,
    target,
    ...(cutoff !== undefined && { cutoff }),
    keepSeconds: KEEP_SECONDS,
    reason,
    eventId,
  })
}

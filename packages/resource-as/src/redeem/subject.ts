/**
 * Resolves the subject of an ID-JAG to one active local account.
 *
 * The key is (tenant, issuer, the issuer's tenant, subject), compared byte for byte: two issuers that use the same
 * `sub` mean two people.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-3.1 ID-JAG §3.1}
 */
import { type AccountId, accept, type EpochSeconds, type Result, refuse } from '@carnet/protocol'
import type { Account, Accounts, ExternalSubject, SubjectResolution } from '../ports.ts'

export type SubjectRefusal =
  | { readonly reason: 'account-unknown' }
  | { readonly reason: 'account-disabled'; readonly account: AccountId }

export interface ResolvedSubject {
  readonly account: Account
  /** The link was made just now. */
  readonly isNew: boolean
}

/** @throws {Fault} `store-unavailable` */
export async function resolveSubject(
  subject: ExternalSubject,
  resolution: SubjectResolution,
  accounts: Accounts,
  now: EpochSeconds,
): Promise<Result<ResolvedSubject, SubjectRefusal>> {
  const linked = await accounts.findLinked(subject)
  const account = linked ?? (await link(subject, resolution, accounts))
  if (account === undefined) return refuse({ reason: 'account-unknown' })
  if (!account.active || (account.endsAt !== undefined && account.endsAt <= now)) {
    return refuse({ reason: 'account-disabled', account: account.id })
  }
  return accept({ account, isNew: linked === undefined })
}

/** The ways to an account for a subject seen for the first time, in this order. */
async function link(
  subject: ExternalSubject,
  { byExternalId, createAccounts }: SubjectResolution,
  accounts: Accounts,
): Promise<Account | undefined> {
  const provisioned = byExternalId ? await accounts.linkByExternalId(subject) : undefined
  if (provisioned !== undefined) return provisioned
  return createAccounts ? accounts.create(subject) : undefined
}

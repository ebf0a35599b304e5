/**
 * Redeemed ID-JAGs and the tokens they became, in PostgreSQL.
 *
 * INVARIANT (single use): the row of a redemption is the claim on its `jti`. It is inserted once, in the transaction
 * that also keeps the audit event, and stays until neither the assertion nor the token can be alive.
 */
import type {
  AccountId,
  ClientId,
  EpochSeconds,
  IssuerId,
  ResourceId,
  SessionId,
  Subject,
  TokenId,
} from '@carnet/protocol'
import type {
  Redemption,
  Redemptions,
  RedemptionVerdict,
  TokenQuery,
  TokenRecord,
  TokenRecords,
} from '@carnet/resource-as'
import type { RevocationRecord } from '@carnet/revocation'
import { sha256Text } from '@carnet/tokens'
import type { AuditLog } from '../audit/index.ts'
import { createBatcher, type Database, type Transaction } from '../engine/index.ts'
import type { RevocationStore } from '../revocation/index.ts'

export interface RedemptionStoreOptions {
  readonly realm: string
  readonly audit: Pick<AuditLog, 'append'>
  readonly revocations: Pick<RevocationStore, 'findInStep'>
}

export interface RedemptionStore extends Redemptions, TokenRecords {
  /** Removes what can be neither replayed nor alive any more. */
  purge(): Promise<void>
}

const MAX_BATCH = 100

export function createRedemptionStore(db: Database, options: RedemptionStoreOptions): RedemptionStore {
  const commit = createBatcher<Redemption, RedemptionVerdict>(
    (batch) => db.transaction((tx) => commitAll(tx, batch, options)),
    { maxItems: MAX_BATCH },
  )
  return {
    commit,
    find: (query, livingAt) => findTokens(db, options.realm, query, livingAt),
    async purge() {
      await db.query('delete from ras_redemption where keep_until < floor(extract(epoch from clock_timestamp()))')
    },
  }
}

/** One transaction for all who ask at the same time: what was withdrawn, what is first, and their events. */
async function commitAll(
  tx: Transaction,
  batch: readonly Redemption[],
  { realm, audit, revocations }: RedemptionStoreOptions,
): Promise<readonly RedemptionVerdict[]> {
  const ended = await endedOf(tx, batch, realm, revocations)
  const first = await claim(
    tx,
    realm,
    batch.filter((_, index) => ended[index] === undefined),
  )
  const verdicts = batch.map(({ token }, index) => verdictOn(ended[index], first.has(token.id)))
  const events = batch.filter((_, index) => verdicts[index]?.kind === 'first').map(({ event }) => event)
  await audit.append(tx, events)
  return verdicts
}

function verdictOn(record: RevocationRecord | undefined, isFirst: boolean): RedemptionVerdict {
  if (record !== undefined) return { kind: 'withdrawn', record }
  return { kind: isFirst ? 'first' : 'replayed' }
}

/** For each redemption the record that ended what it stands for, by any of the ways it may have been named. */
async function endedOf(
  tx: Transaction,
  batch: readonly Redemption[],
  realm: string,
  revocations: RedemptionStoreOptions['revocations'],
): Promise<readonly (RevocationRecord | undefined)[]> {
  const records = await revocations.findInStep(
    realm,
    batch.flatMap(({ withdrawable }) => withdrawable),
    tx,
  )
  let at = 0
  return batch.map(({ withdrawable }) => {
    const own = records.slice(at, at + withdrawable.length)
    at += withdrawable.length
    return own.find((record) => record !== undefined)
  })
}

/**
 * One statement for all: what it returns was not there before, and of one `jti` twice in it only one is. The order
 * keeps transactions of different processes from waiting for each other in a circle.
 */
async function claim(tx: Transaction, realm: string, batch: readonly Redemption[]): Promise<ReadonlySet<TokenId>> {
  if (batch.length === 0) return new Set()
  const column = <Value>(of: (redemption: Redemption) => Value) => batch.map(of)
  const rows = await tx.query<{ token_id: TokenId }>(
    `insert into ras_redemption (realm, tenant, issuer, grant_hash, grant_id, token_id, subject, account, client,
       session, resource, issued_at, grant_issued_at, expires_at, keep_until)
     select $1::text, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
       $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[])
     order by 2, 3, 4
     on conflict (realm, tenant, issuer, grant_hash) do nothing
     returning token_id`,
    [
      realm,
      column(({ token }) => token.tenant),
      column(({ token }) => token.issuer),
      column(({ token }) => sha256Text(token.grant)),
      column(({ token }) => token.grant),
      column(({ token }) => token.id),
      column(({ token }) => token.subject),
      column(({ token }) => token.account),
      column(({ token }) => token.client),
      column(({ token }) => token.session ?? null),
      column(({ token }) => token.resource),
      column(({ token }) => token.issuedAt),
      column(({ token }) => token.grantIssuedAt),
      column(({ token }) => token.expiresAt),
      column(({ token, rememberUntil }) => Math.max(rememberUntil, token.expiresAt)),
    ],
  )
  return new Set(rows.map(({ token_id }) => token_id))
}

interface TokenRow {
  readonly token_id: TokenId
  readonly tenant: TokenRecord['tenant']
  readonly account: AccountId
  readonly client: ClientId
  readonly issuer: IssuerId
  readonly subject: Subject
  readonly grant_id: TokenId
  readonly session: SessionId | null
  readonly resource: ResourceId
  readonly issued_at: EpochSeconds
  readonly grant_issued_at: EpochSeconds
  readonly expires_at: EpochSeconds
}

async function findTokens(
  db: Database,
  realm: string,
  query: TokenQuery,
  livingAt: EpochSeconds,
): Promise<readonly TokenRecord[]> {
  const { where, values } = condition(query)
  const rows = await db.query<TokenRow>(
    `select token_id, tenant, account, client, issuer, subject, grant_id, session, resource, issued_at,
       grant_issued_at, expires_at
     from ras_redemption where realm = $1 and tenant = $2 and expires_at > $3 ${where} order by issued_at`,
    [realm, query.tenant, livingAt, ...values],
  )
  return rows.map(recordOf)
}

function condition(query: TokenQuery): { readonly where: string; readonly values: readonly string[] } {
  if ('account' in query) return { where: 'and account = $4', values: [query.account] }
  if ('session' in query) return { where: 'and session = $4', values: [query.session] }
  if ('client' in query) return { where: 'and client = $4', values: [query.client] }
  if ('subject' in query) return { where: 'and issuer = $4 and subject = $5', values: [query.issuer, query.subject] }
  if ('grant' in query) {
    return { where: 'and issuer = $4 and grant_hash = $5', values: [query.issuer, sha256Text(query.grant)] }
  }
  return { where: '', values: [] }
}

function recordOf(row: TokenRow): TokenRecord {
  return {
    id: row.token_id,
    tenant: row.tenant,
    account: row.account,
    client: row.client,
    issuer: row.issuer,
    subject: row.subject,
    grant: row.grant_id,
    session: row.session ?? undefined,
    resource: row.resource,
    issuedAt: row.issued_at,
    grantIssuedAt: row.grant_issued_at,
    expiresAt: row.expires_at,
  }
}

/** Accounts of a Resource Authorization Server and their links to subjects, in PostgreSQL. */
import type { AccountId, EpochSeconds, IssuerId, Random, TenantId } from '@carnet/protocol'
import type { Account, Accounts, ExternalSubject } from '@carnet/resource-as'
import type { Database, Queryable } from '../engine/index.ts'
import { createEntryCache } from '../live/entry-cache.ts'

/** The topic on which every process hears of changed accounts of a realm. */
export const accountsTopic = (realm: string) => `resource-as-accounts ${realm}`

const MAX_CACHED = 50_000

/** The id that an issuer's provisioning gave an account. */
export interface Provisioned {
  readonly issuer: IssuerId
  readonly externalId: string
}

export interface AccountStore extends Accounts {
  /** Creates or changes an account: this process knows at once, every other within a second. */
  put(account: Account, provisioned?: Provisioned): Promise<void>
  /** Links a subject to an account, in place of whatever it was linked to. */
  link(subject: ExternalSubject, account: AccountId): Promise<void>
  close(): void
}

interface AccountRow {
  readonly id: AccountId
  readonly tenant: TenantId
  readonly active: boolean
  readonly ends_at: number | null
}

const ACCOUNT = 'a.id, a.tenant, a.active, a.ends_at'

export function createAccountStore(db: Database, realm: string, random: Random): AccountStore {
  const topic = accountsTopic(realm)
  const linked = createEntryCache<string, Account>(db, {
    topic,
    maxEntries: MAX_CACHED,
    read: (key) => readLinked(db, realm, subjectOf(key)),
  })

  return {
    findLinked: (subject) => linked.find(keyOf(subject)),

    linkByExternalId: (subject) =>
      db.transaction(async (tx) => {
        // Locked, so that two subjects at once do not both find the account without a link.
        const [row] = await tx.query<AccountRow>(
          `select ${ACCOUNT} from ras_account a
           where a.realm = $1 and a.tenant = $2 and a.external_issuer = $3 and a.external_id = $4
           for update`,
          [realm, subject.tenant, subject.issuer, subject.subject],
        )
        if (row === undefined || (await isLinked(tx, realm, row))) return undefined
        await addLink(tx, realm, subject, row.id)
        return accountOf(row)
      }),

    create: (subject) =>
      db.transaction(async (tx) => {
        const id = `acct-${random.token(16)}` as AccountId
        await tx.query('insert into ras_account (realm, tenant, id, active) values ($1, $2, $3, true)', [
          realm,
          subject.tenant,
          id,
        ])
        await addLink(tx, realm, subject, id)
        const account = await readLinked(tx, realm, subject)
        if (account !== undefined && account.id !== id) {
          await tx.query('delete from ras_account where realm = $1 and tenant = $2 and id = $3', [
            realm,
            subject.tenant,
            id,
          ])
        }
        return account ?? { id, tenant: subject.tenant, active: true, endsAt: undefined }
      }),

    put: ({ id, tenant, active, endsAt }, provisioned) =>
      db.transaction(async (tx) => {
        await tx.query(
          `insert into ras_account (realm, tenant, id, active, ends_at, external_issuer, external_id)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (realm, tenant, id) do update set active = excluded.active, ends_at = excluded.ends_at,
             external_issuer = coalesce(excluded.external_issuer, ras_account.external_issuer),
             external_id = coalesce(excluded.external_id, ras_account.external_id)`,
          [realm, tenant, id, active, endsAt ?? null, provisioned?.issuer ?? null, provisioned?.externalId ?? null],
        )
        await linked.changed(undefined, tx)
      }),

    link: (subject, account) =>
      db.transaction(async (tx) => {
        await tx.query(
          `insert into ras_account_link (realm, tenant, issuer, issuer_tenant, subject, account)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (realm, tenant, issuer, issuer_tenant, subject) do update set account = excluded.account`,
          [realm, ...linkKey(subject), account],
        )
        await linked.changed(undefined, tx)
      }),

    close: () => linked.close(),
  }
}

async function readLinked(db: Queryable, realm: string, subject: ExternalSubject): Promise<Account | undefined> {
  const [row] = await db.query<AccountRow>(
    `select ${ACCOUNT} from ras_account_link l
     join ras_account a on a.realm = l.realm and a.tenant = l.tenant and a.id = l.account
     where l.realm = $1 and l.tenant = $2 and l.issuer = $3 and l.issuer_tenant = $4 and l.subject = $5`,
    [realm, ...linkKey(subject)],
  )
  return row === undefined ? undefined : accountOf(row)
}

async function isLinked(tx: Queryable, realm: string, { tenant, id }: AccountRow): Promise<boolean> {
  const links = await tx.query('select 1 from ras_account_link where realm = $1 and tenant = $2 and account = $3', [
    realm,
    tenant,
    id,
  ])
  return links.length > 0
}

/** Leaves a link alone that is already there: a subject is never moved to another account on its way in. */
async function addLink(tx: Queryable, realm: string, subject: ExternalSubject, account: AccountId): Promise<void> {
  await tx.query(
    `insert into ras_account_link (realm, tenant, issuer, issuer_tenant, subject, account)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [realm, ...linkKey(subject), account],
  )
}

/** The empty issuer tenant stands for none: a tenant's id is never empty. */
function linkKey({ tenant, issuer, issuerTenant, subject }: ExternalSubject): readonly string[] {
  return [tenant, issuer, issuerTenant ?? '', subject]
}

function keyOf({ tenant, issuer, issuerTenant, subject }: ExternalSubject): string {
  return JSON.stringify({ tenant, issuer, issuerTenant, subject })
}

function subjectOf(key: string): ExternalSubject {
  return { issuerTenant: undefined, ...JSON.parse(key) }
}

function accountOf({ id, tenant, active, ends_at }: AccountRow): Account {
  return { id, tenant, active, endsAt: ends_at === null ? undefined : (ends_at as EpochSeconds) }
}

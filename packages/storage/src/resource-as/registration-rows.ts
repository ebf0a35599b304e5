/** What is registered at a Resource Authorization Server, as rows: the entry itself as JSON. */
import {
  checkGovernedResource,
  checkTrustedIssuer,
  type GovernedResource,
  type Registered,
  type Registrations,
  type ResourceAsClient,
  type ResourceServerCredential,
  registrationsOf,
  type TrustedIssuer,
} from '@carnet/resource-as'
import type { Queryable } from '../engine/index.ts'

interface RegisteredRow {
  readonly clients: readonly ResourceAsClient[]
  readonly trusted_issuers: readonly TrustedIssuer[]
  readonly resources: readonly GovernedResource[]
  readonly resource_servers: readonly ResourceServerCredential[]
}

/** One statement, so that what is read is of one moment. */
const READ_ALL = `
  select
    (select coalesce(jsonb_agg(entry order by id), '[]') from ras_client where realm = $1) as clients,
    (select coalesce(jsonb_agg(entry order by tenant, issuer), '[]')
       from ras_trusted_issuer where realm = $1) as trusted_issuers,
    (select coalesce(jsonb_agg(entry order by tenant, id), '[]') from ras_resource where realm = $1) as resources,
    (select coalesce(jsonb_agg(entry order by id), '[]')
       from ras_resource_server where realm = $1) as resource_servers`

export async function readRegistrations(db: Queryable, realm: string): Promise<Registrations> {
  const [row] = await db.query<RegisteredRow>(READ_ALL, [realm])
  return registrationsOf({
    clients: row?.clients ?? [],
    trustedIssuers: row?.trusted_issuers ?? [],
    resources: row?.resources ?? [],
    resourceServers: row?.resource_servers ?? [],
  })
}

/** @throws {Fault} `configuration-invalid` for an entry that breaks a rule */
export async function writeRegistered(tx: Queryable, realm: string, put: Partial<Registered>): Promise<void> {
  for (const entry of put.clients ?? []) {
    await tx.query(
      `insert into ras_client (realm, tenant, id, entry) values ($1, $2, $3, $4)
       on conflict (realm, tenant, id) do update set entry = excluded.entry`,
      [realm, entry.tenant, entry.id, JSON.stringify(entry)],
    )
  }
  for (const entry of (put.trustedIssuers ?? []).map(checkTrustedIssuer)) {
    await tx.query(
      `insert into ras_trusted_issuer (realm, tenant, issuer, entry) values ($1, $2, $3, $4)
       on conflict (realm, tenant, issuer) do update set entry = excluded.entry`,
      [realm, entry.tenant, entry.issuer, JSON.stringify(entry)],
    )
  }
  for (const entry of (put.resources ?? []).map(checkGovernedResource)) {
    await tx.query(
      `insert into ras_resource (realm, tenant, id, entry) values ($1, $2, $3, $4)
       on conflict (realm, tenant, id) do update set entry = excluded.entry`,
      [realm, entry.tenant, entry.id, JSON.stringify(entry)],
    )
  }
  for (const entry of put.resourceServers ?? []) {
    await tx.query(
      `insert into ras_resource_server (realm, id, entry) values ($1, $2, $3)
       on conflict (realm, id) do update set entry = excluded.entry`,
      [realm, entry.id, JSON.stringify(entry)],
    )
  }
}

/** What is to be forgotten; each by its key. */
export interface RegisteredKeys {
  readonly clients?: readonly Pick<ResourceAsClient, 'tenant' | 'id'>[]
  readonly trustedIssuers?: readonly Pick<TrustedIssuer, 'tenant' | 'issuer'>[]
  readonly resources?: readonly Pick<GovernedResource, 'tenant' | 'id'>[]
  readonly resourceServers?: readonly Pick<ResourceServerCredential, 'id'>[]
}

export async function removeRegistered(tx: Queryable, realm: string, remove: RegisteredKeys): Promise<void> {
  for (const { tenant, id } of remove.clients ?? []) {
    await tx.query('delete from ras_client where realm = $1 and tenant = $2 and id = $3', [realm, tenant, id])
  }
  for (const { tenant, issuer } of remove.trustedIssuers ?? []) {
    await tx.query('delete from ras_trusted_issuer where realm = $1 and tenant = $2 and issuer = $3', [
      realm,
      tenant,
      issuer,
    ])
  }
  for (const { tenant, id } of remove.resources ?? []) {
    await tx.query('delete from ras_resource where realm = $1 and tenant = $2 and id = $3', [realm, tenant, id])
  }
  for (const { id } of remove.resourceServers ?? []) {
    await tx.query('delete from ras_resource_server where realm = $1 and id = $2', [realm, id])
  }
}

/** The registry as rows: one table for each kind of entry, the entry itself as JSON. */
import type { ClientId } from '@carnet/protocol'
import type {
  AuthorizationServerEntry,
  ClientEntry,
  RegistryChange,
  RegistryContents,
  RegistrySnapshot,
  ServerEntry,
} from '@carnet/registry'
import type { Queryable } from '../engine/index.ts'

interface ContentsRow {
  readonly version: number
  readonly authorization_servers: readonly AuthorizationServerEntry[]
  readonly servers: readonly ServerEntry[]
  readonly clients: readonly ClientEntry[]
}

/** One statement, so that what is read is of one moment. */
const READ_ALL = `
  select version,
    (select coalesce(jsonb_agg(entry order by ordinal), '[]') from authorization_server) as authorization_servers,
    (select coalesce(jsonb_agg(entry order by ordinal), '[]') from mcp_server) as servers,
    (select coalesce(jsonb_agg(entry order by ordinal), '[]') from oauth_client) as clients
  from registry_state`

export async function readContents(db: Queryable): Promise<RegistryContents & { readonly version: string }> {
  const [row] = await db.query<ContentsRow>(READ_ALL)
  return {
    version: String(row?.version),
    authorizationServers: row?.authorization_servers ?? [],
    servers: row?.servers ?? [],
    clients: row?.clients ?? [],
  }
}

export async function readSnapshot(db: Queryable): Promise<RegistrySnapshot> {
  const { clients, ...rest } = await readContents(db)
  return { ...rest, clients: new Map<ClientId, ClientEntry>(clients.map((client) => [client.id, client])) }
}

export async function writeChange(tx: Queryable, { put = {}, remove = {} }: RegistryChange): Promise<void> {
  await tx.query('delete from oauth_client where id = any($1)', [remove.clients ?? []])
  await tx.query('delete from mcp_server where resource = any($1)', [remove.servers ?? []])
  await tx.query('delete from authorization_server where issuer = any($1)', [remove.authorizationServers ?? []])
  for (const entry of put.authorizationServers ?? []) {
    await tx.query(
      `insert into authorization_server (issuer, entry) values ($1, $2)
       on conflict (issuer) do update set entry = excluded.entry`,
      [entry.issuer, JSON.stringify(entry)],
    )
  }
  for (const entry of put.servers ?? []) {
    await tx.query(
      `insert into mcp_server (resource, authorization_server, entry) values ($1, $2, $3)
       on conflict (resource) do update
       set entry = excluded.entry, authorization_server = excluded.authorization_server`,
      [entry.resource, entry.authorizationServer, JSON.stringify(entry)],
    )
  }
  for (const entry of put.clients ?? []) {
    await tx.query(
      `insert into oauth_client (id, entry) values ($1, $2)
       on conflict (id) do update set entry = excluded.entry`,
      [entry.id, JSON.stringify(entry)],
    )
  }
  await tx.query('update registry_state set version = version + 1')
}

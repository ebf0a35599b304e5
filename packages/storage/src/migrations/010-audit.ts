/** The audit log: one hash chain per writer. */
import type { Migration } from '../engine/migrate.ts'

export const audit: Migration = {
  id: '010-audit',
  up: `
create table audit_entry (
  writer text not null,
  seq bigint not null check (seq > 0),
  prev_hash text not null,
  hash text not null,
  event jsonb not null,
  id text not null generated always as (coalesce(event->>'id', writer || '#' || seq)) stored,
  at bigint not null generated always as ((event->>'at')::bigint) stored,
  type text not null generated always as (event->>'type') stored,
  txn text generated always as (event->>'txn') stored,
  person text generated always as (event->>'person') stored,
  subject text generated always as (event->>'subject') stored,
  client text generated always as (event->>'client') stored,
  resource text generated always as (event->>'resource') stored,
  session text generated always as (event->>'session') stored,
  causes jsonb generated always as (event->'causes') stored,
  primary key (writer, seq)
);
create index audit_entry_at on audit_entry (at desc);
create index audit_entry_id on audit_entry (id);
create index audit_entry_txn on audit_entry (txn) where txn is not null;
create index audit_entry_person on audit_entry (person, at) where person is not null;
create index audit_entry_subject on audit_entry (subject, at) where subject is not null;
create index audit_entry_client on audit_entry (client, at) where client is not null;
create index audit_entry_session on audit_entry (session) where session is not null;
create index audit_entry_causes on audit_entry using gin (causes) where causes is not null;
`,
}

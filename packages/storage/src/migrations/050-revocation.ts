/** Revocation records, in one numbered history for each realm: the issuer, or a Resource Authorization Server. */
import type { Migration } from '../engine/migrate.ts'

export const revocation: Migration = {
  id: '050-revocation',
  up: `
    create table revocation_head (
      realm text primary key,
      generation text not null default translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_'),
      seq bigint not null
    );

    create table revocation (
      realm text not null,
      seq bigint not null,
      id text not null,
      tenant text not null,
      kind text not null,
      target text not null,
      cutoff bigint not null,
      expires_at bigint not null,
      reason text not null,
      event_id text not null,
      primary key (realm, seq),
      unique (realm, id)
    );
    create index revocation_target on revocation (realm, tenant, kind, target);
    create index revocation_expiry on revocation (expires_at);
  `,
}

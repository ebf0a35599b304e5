/** Artefacts of the OpenID provider, signing keys of every issuer, one-time identifiers. */
import type { Migration } from '../engine/migrate.ts'

export const idp: Migration = {
  id: '030-idp',
  up: `
    create table oidc_record (
      model text not null,
      id_hash text not null,
      uid text,
      grant_id text,
      person text,
      client text,
      sid text,
      payload text not null,
      consumed_at bigint,
      expires_at bigint,
      primary key (model, id_hash)
    );
    create index oidc_record_uid on oidc_record (model, uid) where uid is not null;
    create index oidc_record_grant on oidc_record (grant_id) where grant_id is not null;
    create index oidc_record_person on oidc_record (person) where person is not null;
    create index oidc_record_expiry on oidc_record (expires_at) where expires_at is not null;

    create table signing_key (
      issuer text not null,
      kid text not null,
      alg text not null,
      signs_from bigint not null,
      signs_until bigint,
      published_until bigint,
      sealed text not null,
      primary key (issuer, kid)
    );

    create table one_time_id (
      scope text not null,
      id_hash text not null,
      until bigint not null,
      primary key (scope, id_hash)
    );
    create index one_time_id_until on one_time_id (until);
  `,
}

/**
 * Resource Authorization Servers: what is registered, accounts and their links, redeemed ID-JAGs with their tokens.
 *
 * `realm` is the issuer identifier of the server whose data it is: several may share a database, never a row.
 */
import type { Migration } from '../engine/migrate.ts'

export const resourceAs: Migration = {
  id: '040-resource-as',
  up: `
    create table ras_client (
      realm text not null,
      tenant text not null,
      id text not null,
      entry jsonb not null,
      primary key (realm, tenant, id),
      unique (realm, id)
    );
    create table ras_trusted_issuer (
      realm text not null,
      tenant text not null,
      issuer text not null,
      entry jsonb not null,
      primary key (realm, tenant, issuer)
    );
    create table ras_resource (
      realm text not null,
      tenant text not null,
      id text not null,
      entry jsonb not null,
      primary key (realm, tenant, id)
    );
    create table ras_resource_server (
      realm text not null,
      id text not null,
      entry jsonb not null,
      primary key (realm, id)
    );

    create table ras_account (
      realm text not null,
      tenant text not null,
      id text not null,
      active boolean not null,
      ends_at bigint,
      external_issuer text,
      external_id text,
      primary key (realm, tenant, id),
      unique (realm, tenant, external_issuer, external_id)
    );
    create table ras_account_link (
      realm text not null,
      tenant text not null,
      issuer text not null,
      issuer_tenant text not null,
      subject text not null,
      account text not null,
      primary key (realm, tenant, issuer, issuer_tenant, subject),
      foreign key (realm, tenant, account) references ras_account on delete cascade
    );
    create index ras_account_link_account on ras_account_link (realm, tenant, account);

    create table ras_redemption (
      realm text not null,
      tenant text not null,
      issuer text not null,
      grant_hash text not null,
      grant_id text not null,
      token_id text not null,
      subject text not null,
      account text not null,
      client text not null,
      session text,
      resource text not null,
      issued_at bigint not null,
      grant_issued_at bigint not null,
      expires_at bigint not null,
      keep_until bigint not null,
      primary key (realm, tenant, issuer, grant_hash)
    );
    create index ras_redemption_account on ras_redemption (realm, tenant, account);
    create index ras_redemption_session on ras_redemption (realm, tenant, session) where session is not null;
    create index ras_redemption_keep on ras_redemption (keep_until);
  `,
}

/** Registry, directory with sign-ins, and the versions of company policy. */
import type { Migration } from '../engine/migrate.ts'

export const registryDirectoryPolicy: Migration = {
  id: '020-registry-directory-policy',
  up: `
    create table registry_state (
      only_one boolean primary key default true check (only_one),
      version bigint not null
    );
    insert into registry_state (version) values (0);

    create table authorization_server (
      issuer text primary key,
      ordinal bigint generated always as identity,
      entry jsonb not null
    );
    create table mcp_server (
      resource text primary key,
      authorization_server text not null references authorization_server deferrable initially deferred,
      ordinal bigint generated always as identity,
      entry jsonb not null
    );
    create table oauth_client (
      id text primary key,
      ordinal bigint generated always as identity,
      entry jsonb not null
    );

    create table person (
      id text primary key,
      username text not null,
      display_name text not null,
      email text,
      email_verified boolean not null,
      active boolean not null,
      attributes jsonb not null,
      external_id text unique
    );
    create unique index person_username on person (lower(username));

    create table person_group (
      name text primary key
    );
    create table membership (
      person text not null references person on delete cascade,
      group_name text not null references person_group on delete cascade,
      primary key (person, group_name)
    );
    create index membership_group on membership (group_name);

    create table demo_password (
      person text primary key references person on delete cascade,
      salt text not null,
      hash text not null
    );

    create table sign_in (
      sid text primary key,
      person text not null,
      client text not null,
      auth_time bigint not null,
      acr text not null,
      amr text[] not null,
      upstream text not null,
      event_id text not null,
      ended_at bigint
    );
    create index sign_in_open on sign_in (person) where ended_at is null;

    create table policy_version (
      version bigint generated always as identity primary key,
      text text not null,
      author text not null,
      reason text not null,
      created_at bigint not null,
      state text not null check (state in ('active', 'superseded'))
    );
    create unique index policy_version_active on policy_version (state) where state = 'active';
  `,
}

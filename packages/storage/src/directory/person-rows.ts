/** People and their groups as rows. */
import type { Person } from '@carnet/directory'
import type { PersonId } from '@carnet/protocol'
import type { Queryable } from '../engine/index.ts'

interface PersonRow {
  readonly id: PersonId
  readonly username: string
  readonly display_name: string
  readonly email: string | null
  readonly email_verified: boolean
  readonly active: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly external_id: string | null
  readonly groups: readonly string[]
}

const SELECT = `
  select id, username, display_name, email, email_verified, active, attributes, external_id,
    array(select group_name from membership where person = person.id order by group_name) as groups
  from person`

export async function readPerson(db: Queryable, id: PersonId): Promise<Person | undefined> {
  const [row] = await db.query<PersonRow>(`${SELECT} where id = $1`, [id])
  return row === undefined ? undefined : fromRow(row)
}

export async function readPersonByUsername(db: Queryable, username: string): Promise<Person | undefined> {
  const [row] = await db.query<PersonRow>(`${SELECT} where lower(username) = lower($1)`, [username])
  return row === undefined ? undefined : fromRow(row)
}

function fromRow(row: PersonRow): Person {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    email: row.email ?? undefined,
    emailVerified: row.email_verified,
    active: row.active,
    groups: row.groups,
    attributes: row.attributes,
    externalId: row.external_id ?? undefined,
  }
}

export async function writePerson(tx: Queryable, person: Person): Promise<void> {
  await tx.query(
    `insert into person (id, username, display_name, email, email_verified, active, attributes, external_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do update set username = excluded.username, display_name = excluded.display_name,
       email = excluded.email, email_verified = excluded.email_verified, active = excluded.active,
       attributes = excluded.attributes, external_id = excluded.external_id`,
    [
      person.id,
      person.username,
      person.displayName,
      person.email ?? null,
      person.emailVerified,
      person.active,
      JSON.stringify(person.attributes),
      person.externalId ?? null,
    ],
  )
  await writeGroups(tx, person.id, person.groups)
}

export async function writeGroups(tx: Queryable, person: PersonId, groups: readonly string[]): Promise<void> {
  await tx.query('insert into person_group (name) select distinct unnest($1::text[]) on conflict do nothing', [groups])
  await tx.query('delete from membership where person = $1 and group_name <> all($2::text[])', [person, groups])
  await tx.query(
    `insert into membership (person, group_name) select distinct $1, unnest($2::text[]) on conflict do nothing`,
    [person, groups],
  )
}

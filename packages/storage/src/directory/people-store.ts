/** The people of the deployment's directory, in PostgreSQL. */
import type { PeopleReader, Person } from '@carnet/directory'
import type { PersonId } from '@carnet/protocol'
import type { Database, Transaction } from '../engine/index.ts'
import { createEntryCache } from '../live/entry-cache.ts'
import { readPerson, readPersonByUsername, writeGroups, writePerson } from './person-rows.ts'

/** The topic on which every process hears of a changed person; the key is the person's id. */
export const PEOPLE_TOPIC = 'people'

const MAX_PEOPLE_IN_MEMORY = 20_000

export interface PeopleStore extends PeopleReader {
  /** Adds the person, or replaces everything known of them. Usernames are unique whatever their case. */
  upsert(person: Person): Promise<void>
  /**
   * @param tx - the transaction of which the change is part; its own otherwise
   * @returns whether there is such a person
   */
  setActive(person: PersonId, active: boolean, tx?: Transaction): Promise<boolean>
  /** @returns whether there is such a person */
  setGroups(person: PersonId, groups: readonly string[], tx?: Transaction): Promise<boolean>
  close(): void
}

export function createPeopleStore(db: Database): PeopleStore {
  const cache = createEntryCache<PersonId, Person>(db, {
    topic: PEOPLE_TOPIC,
    maxEntries: MAX_PEOPLE_IN_MEMORY,
    read: (id) => readPerson(db, id),
  })

  /** Changes a person that exists, and tells every process. */
  function change(id: PersonId, given: Transaction | undefined, work: (tx: Transaction) => Promise<void>) {
    const within = async (tx: Transaction) => {
      const [known] = await tx.query('select id from person where id = $1 for update', [id])
      if (known === undefined) return false
      await work(tx)
      await cache.changed(id, tx)
      return true
    }
    return given === undefined ? db.transaction(within) : within(given)
  }

  return {
    find: cache.find,
    findByUsername: (username) => readPersonByUsername(db, username),
    close: cache.close,
    upsert: (person) =>
      db.transaction(async (tx) => {
        await writePerson(tx, person)
        await cache.changed(person.id, tx)
      }),
    setActive: (id, active, given) =>
      change(id, given, async (tx) => {
        await tx.query('update person set active = $2 where id = $1', [id, active])
      }),
    setGroups: (id, groups, given) => change(id, given, (tx) => writeGroups(tx, id, groups)),
  }
}

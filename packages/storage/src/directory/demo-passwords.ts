/**
 * Passwords of the demo organisation. Not for production: a company's people sign in where they always do.
 *
 * What people choose is guessable, so it is stored under a slow hash (IDP-17).
 */
import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { PersonId, Random } from '@carnet/protocol'
import type { Database } from '../engine/index.ts'

export interface DemoPasswordStore {
  setDemoPassword(person: PersonId, password: string): Promise<void>
  /**
   * Does the same work for a username nobody has.
   *
   * @param password - attacker-controlled; bound its length before calling
   * @returns the person, if active and the password is theirs
   */
  verifyDemoPassword(username: string, password: string): Promise<PersonId | undefined>
}

const COST: ScryptOptions = { N: 16_384, r: 8, p: 1 }
const HASH_BYTES = 32

interface PasswordRow {
  readonly person: PersonId
  readonly salt: string
  readonly hash: string
}

export function createDemoPasswordStore(db: Database, random: Random): DemoPasswordStore {
  const nobodysSalt = random.token(16)
  return {
    async setDemoPassword(person, password) {
      const salt = random.token(16)
      const hash = await slowHash(password, salt)
      await db.query(
        `insert into demo_password (person, salt, hash) values ($1, $2, $3)
         on conflict (person) do update set salt = excluded.salt, hash = excluded.hash`,
        [person, salt, hash.toString('base64url')],
      )
    },
    async verifyDemoPassword(username, password) {
      const [known] = await db.query<PasswordRow>(
        `select person, salt, hash from demo_password join person on person.id = demo_password.person
         where lower(username) = lower($1) and active`,
        [username],
      )
      const presented = await slowHash(password, known?.salt ?? nobodysSalt)
      if (known === undefined) return undefined
      return timingSafeEqual(presented, Buffer.from(known.hash, 'base64url')) ? known.person : undefined
    },
  }
}

function slowHash(password: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const normal = password.normalize('NFC')
    scrypt(normal, salt, HASH_BYTES, COST, (error, hash) => (error === null ? resolve(hash) : reject(error)))
  })
}

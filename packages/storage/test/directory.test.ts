import type { Person, SignIn } from '@carnet/directory'
import type { ClientId, EpochSeconds, PersonId, SessionId } from '@carnet/protocol'
import {
  createDemoPasswordStore,
  createPeopleStore,
  createSignInStore,
  type Database,
  type PeopleStore,
  type SignInStore,
} from '@carnet/storage'
import { NOW, SeededRandom } from '@carnet/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeOnBothDatabases } from './both-databases.ts'

const alice: Person = {
  id: 'p-alice' as PersonId,
  username: 'Alice',
  displayName: 'Alice "Ali" Berg',
  email: 'alice@acme.test',
  emailVerified: true,
  active: true,
  groups: ['engineering', 'staff'],
  attributes: { department: 'platform' },
  externalId: 'E-1',
}
const bob: Person = {
  id: 'p-bob' as PersonId,
  username: 'bob',
  displayName: 'Bob',
  email: undefined,
  emailVerified: false,
  active: true,
  groups: [],
  attributes: {},
  externalId: undefined,
}

/** Waits until another process sees what this one did. */
function heard(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000 })
}

describeOnBothDatabases('The directory', (open) => {
  let db: Database
  let people: PeopleStore
  let elsewhere: PeopleStore

  beforeAll(async () => {
    db = await open()
    people = createPeopleStore(db)
    elsewhere = createPeopleStore(await open())
    await people.upsert(alice)
    await people.upsert(bob)
  })
  afterAll(() => {
    people.close()
    elsewhere.close()
  })

  test('gives people back as they were put', async () => {
    expect(await people.find(alice.id)).toEqual(alice)
    expect(await people.find(bob.id)).toEqual(bob)
    expect(await people.find('p-nobody' as PersonId)).toBeUndefined()
  })

  test('finds by username whatever its case, and refuses a second one that differs only in that', async () => {
    expect(await people.findByUsername('aLICE')).toEqual(alice)
    expect(await people.findByUsername('ali')).toBeUndefined()
    await expect(people.upsert({ ...bob, id: 'p-evil' as PersonId, username: 'ALICE' })).rejects.toMatchObject({
      code: '23505',
    })
  })

  test('replaces everything known of a person, groups included', async () => {
    await people.upsert({ ...alice, displayName: 'Alice', groups: ['staff', 'support', 'staff'], email: undefined })
    expect(await people.find(alice.id)).toEqual({
      ...alice,
      displayName: 'Alice',
      groups: ['staff', 'support'],
      email: undefined,
    })
    await people.upsert(alice)
  })

  test('lets every process hear that someone is no longer active', async () => {
    expect((await elsewhere.find(alice.id))?.active).toBe(true)
    expect(await people.setActive(alice.id, false)).toBe(true)
    await heard(async () => expect((await elsewhere.find(alice.id))?.active).toBe(false))
    expect((await people.find(alice.id))?.active).toBe(false)
    await people.setActive(alice.id, true)
    await heard(async () => expect((await elsewhere.find(alice.id))?.active).toBe(true))
  })

  test('lets every process hear of changed groups', async () => {
    await elsewhere.find(alice.id)
    await people.setGroups(alice.id, ['support'])
    await heard(async () => expect((await elsewhere.find(alice.id))?.groups).toEqual(['support']))
    await people.setGroups(alice.id, [])
    expect((await people.find(alice.id))?.groups).toEqual([])
  })

  test('says so where there is nobody to change', async () => {
    expect(await people.setActive('p-nobody' as PersonId, false)).toBe(false)
    expect(await people.setGroups('p-nobody' as PersonId, ['x'])).toBe(false)
  })

  test('changes someone as part of a larger transaction, or not at all', async () => {
    const rolledBack = db.transaction(async (tx) => {
      await people.setActive(bob.id, false, tx)
      throw new Error('the rest failed')
    })
    await expect(rolledBack).rejects.toThrow('the rest failed')
    expect((await people.find(bob.id))?.active).toBe(true)
    await db.transaction((tx) => people.setActive(bob.id, false, tx))
    expect((await people.find(bob.id))?.active).toBe(false)
    await people.setActive(bob.id, true)
  })

  test('never keeps what was read before a change that came meanwhile', async () => {
    for (const active of [false, true, false, true]) {
      const reads = Array.from({ length: 5 }, () => people.find(bob.id))
      await Promise.all([people.setActive(bob.id, active), ...reads])
      expect((await people.find(bob.id))?.active).toBe(active)
    }
  })

  test('verifies demo passwords of active people, and says no alike for every other reason', async () => {
    const passwords = createDemoPasswordStore(db, new SeededRandom('salt'))
    await passwords.setDemoPassword(bob.id, 'pässword')
    expect(await passwords.verifyDemoPassword('BOB', 'pässword')).toBe(bob.id)
    expect(await passwords.verifyDemoPassword('bob', 'pa\u0308ssword')).toBe(bob.id)
    expect(await passwords.verifyDemoPassword('bob', 'wrong')).toBeUndefined()
    expect(await passwords.verifyDemoPassword('alice', 'pässword')).toBeUndefined()
    expect(await passwords.verifyDemoPassword('nobody', 'pässword')).toBeUndefined()
    await people.setActive(bob.id, false)
    expect(await passwords.verifyDemoPassword('bob', 'pässword')).toBeUndefined()
    await people.setActive(bob.id, true)
    await passwords.setDemoPassword(bob.id, 'new one')
    expect(await passwords.verifyDemoPassword('bob', 'pässword')).toBeUndefined()
    const stored = JSON.stringify(await db.query('select * from demo_password'))
    expect(stored).not.toMatch(/new one|pässword/)
  })
})

describeOnBothDatabases('Sign-ins', (open) => {
  let db: Database
  let signIns: SignInStore
  let elsewhere: SignInStore

  beforeAll(async () => {
    db = await open()
    signIns = createSignInStore(db)
    elsewhere = createSignInStore(await open())
  })
  afterAll(() => {
    signIns.close()
    elsewhere.close()
  })

  function signIn(sid: string, person = 'p-alice'): SignIn {
    return {
      sid: sid as SessionId,
      person: person as PersonId,
      client: 'app' as ClientId,
      authTime: NOW,
      acr: 'urn:carnet:acr:password',
      amr: ['pwd', 'o"t,p'],
      upstream: 'demo',
      endedAt: undefined,
      eventId: 'event-1',
    }
  }
  const later = (seconds: number) => (NOW + seconds) as EpochSeconds

  test('are given back as recorded, and recorded once', async () => {
    await signIns.record(signIn('s1'))
    await signIns.record({ ...signIn('s1'), person: 'p-mallory' as PersonId })
    expect(await signIns.find('s1' as SessionId)).toEqual(signIn('s1'))
    expect(await elsewhere.find('s1' as SessionId)).toEqual(signIn('s1'))
    expect(await signIns.find('none' as SessionId)).toBeUndefined()
  })

  test('end once, for every process', async () => {
    await signIns.end({ sid: 's1' as SessionId }, later(10))
    await signIns.end({ sid: 's1' as SessionId }, later(20))
    expect(await signIns.find('s1' as SessionId)).toEqual({ ...signIn('s1'), endedAt: later(10) })
    await heard(async () => expect((await elsewhere.find('s1' as SessionId))?.endedAt).toBe(later(10)))
  })

  test('end all together for a person, and for nobody else', async () => {
    for (const [sid, person] of [
      ['a1', 'p-ann'],
      ['a2', 'p-ann'],
      ['b1', 'p-ben'],
    ] as const) {
      await signIns.record(signIn(sid, person))
      await elsewhere.find(sid as SessionId)
    }
    await db.transaction((tx) => signIns.end({ person: 'p-ann' as PersonId }, later(5), tx))
    await heard(async () => {
      const ends = ['a1', 'a2', 'b1'].map(async (sid) => (await elsewhere.find(sid as SessionId))?.endedAt)
      expect(await Promise.all(ends)).toEqual([later(5), later(5), undefined])
    })
  })
})

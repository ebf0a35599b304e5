import type { OidcRecord, OidcRecords } from '@carnet/idp'
import type { ClientId, EpochSeconds, IssuerId, PersonId, ReplayGuard, SessionId } from '@carnet/protocol'
import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { createOidcRecords, createReplayGuard, createSigningKeyStore, type Database } from '@carnet/storage'
import { FixedClock, NOW } from '@carnet/testing'
import { generateSigningKey, masterKeyOf, systemRandom } from '@carnet/tokens'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeOnBothDatabases } from '../../storage/test/both-databases.ts'
import { memoryRecords, memoryReplayGuard } from './oidc-memory.ts'

function record(idHash: string, more: Partial<OidcRecord> = {}): OidcRecord {
  return {
    model: 'RefreshToken',
    idHash,
    uid: undefined,
    grantId: 'grant',
    person: 'alice' as PersonId,
    client: 'a' as ClientId,
    sid: 'sid' as SessionId,
    payload: '{"jti":"\u0001"}',
    consumedAt: undefined,
    expiresAt: (NOW + 60) as EpochSeconds,
    ...more,
  }
}

function recordsContract(open: () => Promise<OidcRecords>): void {
  let records: OidcRecords
  let next = 0
  const fresh = () => `hash-${next++}`
  beforeEach(async () => {
    records = await open()
  })

  test('finds what was saved, by model and hash or by model and uid', async () => {
    const session = record(fresh(), { model: 'Session', uid: 'uid', grantId: undefined, sid: undefined })
    await records.save(session)
    expect(await records.find('Session', session.idHash)).toEqual(session)
    expect(await records.findByUid('Session', 'uid')).toEqual(session)
    expect(await records.find('AccessToken', session.idHash)).toBeUndefined()
  })

  test('saving again replaces, but does not undo a consumption', async () => {
    const token = record(fresh())
    await records.save(token)
    await records.consume(token.model, token.idHash, NOW)
    await records.save({ ...token, payload: '{}' })
    expect(await records.find(token.model, token.idHash)).toEqual({ ...token, payload: '{}', consumedAt: NOW })
  })

  proves('THR-01', 'consumes once, however many try at once', async () => {
    const token = record(fresh())
    await records.save(token)
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => records.consume(token.model, token.idHash, NOW)),
    )
    expect(outcomes.filter((outcome) => outcome === 'first')).toHaveLength(1)
    expect(await records.consume('RefreshToken', 'unknown', NOW)).toBe('seen')
  })

  test('removes by grant, one model at a time, and says which sign-ins are concerned', async () => {
    const grantId = `grant-${next}`
    const [token, code] = [record(fresh(), { grantId }), record(fresh(), { grantId, model: 'AuthorizationCode' })]
    await records.save(token)
    await records.save(code)
    expect(await records.removeByGrant('RefreshToken', grantId)).toEqual(['sid'])
    expect(await records.find(token.model, token.idHash)).toBeUndefined()
    expect(await records.find(code.model, code.idHash)).toEqual(code)
  })

  proves('REV-02', 'removes whatever belongs to a person, of every model', async () => {
    const carol = 'carol' as PersonId
    const hers = ['Session', 'Grant', 'AuthorizationCode', 'RefreshToken', 'AccessToken', 'Interaction'].map((model) =>
      record(fresh(), { model, person: carol }),
    )
    const other = record(fresh())
    for (const each of [...hers, other]) await records.save(each)
    await records.removePerson(carol)
    for (const each of hers) expect(await records.find(each.model, each.idHash)).toBeUndefined()
    expect(await records.find(other.model, other.idHash)).toEqual(other)
  })

  test('moves the refresh tokens of a grant to another sign-in', async () => {
    const token = record(fresh(), { grantId: 'moving' })
    await records.save(token)
    await records.moveGrant('moving', 'other' as SessionId)
    expect((await records.find(token.model, token.idHash))?.sid).toBe('other')
  })
}

function replayContract(open: () => Promise<ReplayGuard>): void {
  const until = (NOW + 60) as EpochSeconds
  let guard: ReplayGuard
  beforeAll(async () => {
    guard = await open()
  })

  proves('THR-01', 'an identifier is first once, of a hundred claims at a time', async () => {
    const claims = Array.from({ length: 100 }, (_, index) => guard.claim('scope', `id-${index % 10}`, until))
    const outcomes = await Promise.all(claims)
    expect(outcomes.filter((outcome) => outcome === 'first')).toHaveLength(10)
    expect(await guard.claim('scope', 'id-0', until)).toBe('seen')
  })

  test('two scopes do not share identifiers, however they are cut', async () => {
    expect(await guard.claim('a b', 'c', until)).toBe('first')
    expect(await guard.claim('a', 'b c', until)).toBe('first')
  })
}

describe('records of the provider in memory', () => recordsContract(async () => memoryRecords()))
describe('one-time identifiers in memory', () => replayContract(async () => memoryReplayGuard()))

describeOnBothDatabases('the issuer’s stores', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })

  describe('records of the provider', () => recordsContract(async () => createOidcRecords(db, new FixedClock())))

  test('records are tidied up some time after they expired', async () => {
    const clock = new FixedClock()
    const records = createOidcRecords(db, clock)
    await records.save(record('expiring'))
    clock.advance(3600 + 61)
    await records.save(record('later', { expiresAt: (NOW + 99_999) as EpochSeconds }))
    expect(await records.find('RefreshToken', 'expiring')).toBeUndefined()
  })

  describe('one-time identifiers', () => replayContract(async () => createReplayGuard(db, new FixedClock())))

  proves('THR-01', 'an identifier is first once, on three processes at a time', async () => {
    const guards = [await open(), await open(), await open()].map((each) => createReplayGuard(each, new FixedClock()))
    const until = (NOW + 60) as EpochSeconds
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => guards[index % 3]?.claim('across', `id-${index % 20}`, until)),
    )
    expect(outcomes.filter((outcome) => outcome === 'first')).toHaveLength(20)
  })

  describe('signing keys', () => {
    const issuer = 'https://keys.test' as IssuerId
    const masterKey = masterKeyOf(Buffer.alloc(32, 1))

    test('come back as they were kept, and every process hears of a change', async () => {
      const store = createSigningKeyStore({ db, issuer, masterKey, random: systemRandom })
      const heard = new Promise<void>((resolve) => store.onChange(resolve))
      const key = await generateSigningKey('ES256')
      await store.change((keys) => [...keys, key])
      await heard
      const [loaded] = await store.load()
      expect(loaded).toMatchObject({ kid: key.kid, alg: 'ES256', signsFrom: 0, signsUntil: undefined })
      expect(loaded?.privateKey.equals(key.privateKey)).toBe(true)
    })

    test('of another issuer are not among them', async () => {
      const other = createSigningKeyStore({
        db,
        issuer: 'https://other.test' as IssuerId,
        masterKey,
        random: systemRandom,
      })
      expect(await other.load()).toEqual([])
    })

    test('do not open under another master key, which the operator is told', async () => {
      const wrong = masterKeyOf(Buffer.alloc(32, 2))
      const store = createSigningKeyStore({ db, issuer, masterKey: wrong, random: systemRandom })
      await expect(store.load()).rejects.toThrow(Fault)
    })

    test('are changed by one process at a time', async () => {
      const stores = [await open(), await open()].map((each) =>
        createSigningKeyStore({ db: each, issuer: 'https://race.test' as IssuerId, masterKey, random: systemRandom }),
      )
      const keys = await Promise.all(stores.map(() => generateSigningKey('ES256')))
      await Promise.all(
        stores.map((store, index) =>
          store.change((present) => (present.length > 0 ? present : keys.slice(index, index + 1))),
        ),
      )
      expect(await stores[0]?.load()).toHaveLength(1)
    })
  })
})

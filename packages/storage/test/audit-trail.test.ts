import type {
  EpochSeconds,
  EventId,
  IssuerId,
  PersonId,
  SecurityEvent,
  SessionId,
  Subject,
  Txn,
} from '@carnet/protocol'
import { createAuditLog, createAuditTrail, type Database } from '@carnet/storage'
import { NOW } from '@carnet/testing'
import { beforeAll, expect, test } from 'vitest'
import { describeOnBothDatabases } from './both-databases.ts'

const ISSUER = 'https://issuer.example' as IssuerId
const RAS = 'https://as.example' as IssuerId
const ADA = 'person-ada' as PersonId
const BOB = 'person-bob' as PersonId
const ACCOUNT = 'account-17' as Subject
const TXN = 'AAAAAAAAAAAAAAAAAAAAAA' as Txn
const OTHER_TXN = 'BBBBBBBBBBBBBBBBBBBBBB' as Txn
const REFUSED_TXN = 'CCCCCCCCCCCCCCCCCCCCCC' as Txn

let clock = 0
/** The next event, a second after the one before. */
function event(type: string, reporter: IssuerId, more: Partial<SecurityEvent> = {}): SecurityEvent {
  return { type, outcome: 'success', reporter, at: (NOW + clock++) as EpochSeconds, ...more }
}
const id = (text: string) => text as EventId
/** The sign-in as the issuer knows it, and as the Resource AS is told of it. */
const SIGN_IN = 'session-ada' as SessionId
const PAIRWISE = 'pairwise-ada' as SessionId

/** What the issuer and a Resource AS say while Ada works, is cut off, and Bob works beside her. */
const atIssuer: readonly SecurityEvent[] = [
  event('person.disabled', ISSUER, { person: ADA, details: { note: 'long before' } }),
  event('session.started', ISSUER, { id: id('sign-in'), person: ADA, session: SIGN_IN }),
  event('session.started', ISSUER, { id: id('sign-in-bob'), person: BOB, session: 'session-bob' as SessionId }),
  event('session.started', ISSUER, { id: id('another'), person: ADA, session: 'session-ada-2' as SessionId }),
  event('grant.issued', ISSUER, {
    txn: TXN,
    person: ADA,
    session: SIGN_IN,
    causes: ['sign-in'],
    subject: 'pw' as Subject,
  }),
  event('grant.issued', ISSUER, { txn: OTHER_TXN, person: ADA, session: SIGN_IN, causes: ['sign-in'] }),
  event('grant.refused', ISSUER, { outcome: 'refused', txn: REFUSED_TXN, person: BOB, causes: ['sign-in-bob'] }),
]
const atResourceAs: readonly SecurityEvent[] = [
  event('token.issued', RAS, { txn: TXN, session: PAIRWISE, subject: ACCOUNT }),
  event('token.issued', RAS, { txn: OTHER_TXN, session: PAIRWISE, subject: ACCOUNT }),
  event('call.allowed', RAS, { txn: TXN, subject: ACCOUNT, tool: 'read_note' }),
  event('call.allowed', RAS, { txn: OTHER_TXN, subject: ACCOUNT, tool: 'delete_note' }),
]
const theEnd: readonly SecurityEvent[] = [
  event('person.disabled', ISSUER, { id: id('offboarding'), person: ADA }),
  event('access.revoked', RAS, { id: id('cut-off'), causes: ['offboarding'] }),
  event('session.ended', ISSUER, { session: SIGN_IN, causes: ['offboarding'] }),
  event('call.refused', RAS, { outcome: 'refused', txn: TXN, subject: ACCOUNT, causes: ['cut-off'] }),
  event('call.refused', RAS, { outcome: 'refused', txn: OTHER_TXN, causes: ['cut-off'] }),
  event('person.disabled', ISSUER, { person: BOB }),
]

describeOnBothDatabases('The story of a txn', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
    const [issuer, resourceAs] = [
      await createAuditLog({ db, writer: 'issuer' }),
      await createAuditLog({ db, writer: 'resource-as' }),
    ]
    for (const each of [...atIssuer, ...atResourceAs, ...theEnd]) {
      await (each.reporter === ISSUER ? issuer : resourceAs).record(each)
    }
  })

  const told = async (txn: Txn) => {
    const { events, truncated } = await createAuditTrail(db).byTxn(txn)
    expect(truncated).toBe(false)
    return events.map(({ event: { type, person } }) => (person === undefined ? type : `${type} ${person}`))
  }

  test('leads from the sign-in to what ended it, and into no other chain', async () => {
    expect(await told(TXN)).toEqual([
      'session.started person-ada',
      'grant.issued person-ada',
      'token.issued',
      'call.allowed',
      'person.disabled person-ada',
      'access.revoked',
      'session.ended',
      'call.refused',
    ])
  })

  test('of a refusal tells who signed in and why not', async () => {
    expect(await told(REFUSED_TXN)).toEqual([
      'session.started person-bob',
      'grant.refused person-bob',
      'person.disabled person-bob',
    ])
  })

  test('of an unknown txn is empty', async () => {
    expect(await told('DDDDDDDDDDDDDDDDDDDDDD' as Txn)).toEqual([])
  })
})

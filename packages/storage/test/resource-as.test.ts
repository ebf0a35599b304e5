/** The stores of a Resource Authorization Server on both databases: single use, one commit, everything by its keys. */
import {
  type AccountId,
  type ClientId,
  type EpochSeconds,
  Fault,
  type IssuerId,
  JWT_BEARER_GRANT,
  type ResourceId,
  type Scope,
  type SecurityEvent,
  type SessionId,
  SOLE_TENANT,
  type Subject,
  type TenantId,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import type { ExternalSubject, Redemption, RedemptionVerdict, ResourceAsClient, TokenRecord } from '@carnet/resource-as'
import { createAuditLog, createResourceAsStore, createRevocationStore, type Database } from '@carnet/storage'
import { SeededRandom } from '@carnet/testing'
import { beforeAll, expect, test } from 'vitest'
import { describeOnBothDatabases, quietLog } from './both-databases.ts'

const R = 'https://auth.chat.test' as IssuerId
const R2 = 'https://auth.wiki.test' as IssuerId
const I = 'https://idp.acme.test' as IssuerId
const A = 'app-a' as ClientId
const S = 'https://mcp.chat.test/mcp' as ResourceId
const NOW = Math.floor(Date.now() / 1000) as EpochSeconds
const ALICE = 'acct-alice' as AccountId

let writers = 0
async function node(db: Database, realm = R) {
  const writer = `node-${++writers}`
  const audit = await createAuditLog({ db, writer })
  const revocations = createRevocationStore(db)
  const random = new SeededRandom(writer)
  const store = await createResourceAsStore(db, { realm, audit, revocations, random, log: quietLog })
  return { ...store, store, audit, revocations, random }
}

let count = 0
function redemption(change: Partial<TokenRecord> = {}): Redemption {
  const number = ++count
  const token: TokenRecord = {
    id: `at-${number}` as TokenId,
    tenant: SOLE_TENANT,
    account: ALICE,
    client: A,
    issuer: I,
    subject: 'alice' as Subject,
    grant: `jag-${number}` as TokenId,
    session: 'session-1' as SessionId,
    resource: S,
    issuedAt: NOW,
    grantIssuedAt: (NOW - 5) as EpochSeconds,
    expiresAt: (NOW + 600) as EpochSeconds,
    ...change,
  }
  const event: SecurityEvent = {
    type: 'token.issued',
    outcome: 'success',
    reporter: R,
    at: NOW,
    txn: `T${String(number).padStart(21, '0')}` as Txn,
    tokenId: token.id,
  }
  const facts = { tenant: token.tenant, subject: token.account as string, client: token.client, session: token.session }
  return {
    token,
    rememberUntil: (NOW + 360) as EpochSeconds,
    withdrawable: [{ ...facts, resource: token.resource, token: undefined, issuedAt: token.grantIssuedAt }],
    event,
  }
}

const kinds = (verdicts: readonly RedemptionVerdict[]) => verdicts.map(({ kind }) => kind).sort()
const recorded = (db: Database, { token }: Redemption) =>
  db.query(`select 1 from audit_entry where event->>'tokenId' = $1`, [token.id])

describeOnBothDatabases('Resource AS stores', (open, kind) => {
  let nodes: Awaited<ReturnType<typeof node>>[]
  let db: Database
  beforeAll(async () => {
    const databases = await Promise.all([open(), open(), open()])
    nodes = await Promise.all(databases.map((each) => node(each)))
    ;[db] = databases as [Database, Database, Database]
  })
  const first = () => nodes[0] ?? expect.fail('no node')

  proves(
    ['RAS-17', 'THR-01'],
    'of 50 redemptions of one ID-JAG at once over three stores, one is the first',
    async () => {
      const grant = 'jag-parallel' as TokenId
      const all = Array.from({ length: 50 }, () => redemption({ grant }))
      const verdicts = await Promise.all(all.map((each, index) => nodes[index % 3]?.redemptions.commit(each)))
      const firsts = verdicts.flatMap((verdict, index) => (verdict?.kind === 'first' ? [all[index]] : []))
      expect(firsts).toHaveLength(1)
      expect(verdicts.filter((verdict) => verdict?.kind === 'replayed')).toHaveLength(49)

      const kept = await first().redemptions.find({ tenant: SOLE_TENANT, issuer: I, grant }, NOW)
      expect(kept.map(({ id }) => id)).toEqual(firsts.map((each) => each?.token.id))
      const events = await Promise.all(all.map((each) => recorded(db, each)))
      expect(events.flat()).toHaveLength(1)
    },
  )

  proves('RAS-17', 'many different ID-JAGs at once are all first', async () => {
    const verdicts = await Promise.all(Array.from({ length: 60 }, () => first().redemptions.commit(redemption())))
    expect(new Set(kinds(verdicts))).toEqual(new Set(['first']))
  })

  proves('RAS-17', 'keeps apart issuers, tenants and servers that use the same jti', async () => {
    const grant = 'jag-same' as TokenId
    const other = await node(await open(), R2)
    expect(
      kinds([
        await first().redemptions.commit(redemption({ grant })),
        await first().redemptions.commit(redemption({ grant, issuer: 'https://idp.beta.test' as IssuerId })),
        await first().redemptions.commit(redemption({ grant, tenant: 't2' as TenantId })),
        await other.redemptions.commit(redemption({ grant })),
        await first().redemptions.commit(redemption({ grant })),
      ]),
    ).toEqual(['first', 'first', 'first', 'first', 'replayed'])
  })

  proves(
    'THR-08',
    'remembers a redeemed ID-JAG until it expired and the skew ran out, and purges it then',
    async () => {
      const [early, late] = [redemption(), redemption()]
      const gone = { ...early, rememberUntil: (NOW - 100) as EpochSeconds }
      const expired = { ...gone, token: { ...gone.token, expiresAt: (NOW - 100) as EpochSeconds } }
      await first().redemptions.commit(expired)
      await first().redemptions.commit(late)
      await first().redemptions.purge()
      expect(kinds([await first().redemptions.commit(expired), await first().redemptions.commit(late)])).toEqual([
        'first',
        'replayed',
      ])
    },
  )

  proves('RAS-19', 'keeps neither claim nor token when the event cannot be recorded', async () => {
    const one = redemption()
    const broken = { ...one, event: { ...one.event, type: 'no-such.event' } }
    await expect(first().redemptions.commit(broken)).rejects.toThrow(Fault)
    expect(await first().redemptions.commit(one)).toEqual({ kind: 'first' })
  })

  // The embedded database has one connection, which the other tests still need.
  if (kind === 'server') {
    proves('RAS-19', 'says that the store is unavailable when it is gone', async () => {
      const gone = await open()
      const { redemptions } = await node(gone)
      await gone.close()
      await expect(redemptions.commit(redemption())).rejects.toMatchObject({ code: 'store-unavailable' })
    })
  }

  proves('REV-05', 'finds the living tokens of an account, person, session, client, grant and tenant', async () => {
    const tenant = 'rev-05' as TenantId
    const mine = redemption({ tenant })
    const others = redemption({
      tenant,
      account: 'acct-bob' as AccountId,
      subject: 'bob' as Subject,
      client: 'app-b' as ClientId,
      session: 'session-2' as SessionId,
    })
    const over = redemption({ tenant, expiresAt: NOW })
    for (const each of [mine, others, over]) await first().redemptions.commit(each)
    const found = async (query: Parameters<(typeof nodes)[0]['redemptions']['find']>[0]) =>
      (await first().redemptions.find(query, NOW)).map(({ id }) => id)

    const { account, issuer, subject, session, client, grant } = mine.token
    for (const query of [
      { tenant, account },
      { tenant, issuer, subject },
      { tenant, session: session ?? ('' as SessionId) },
      { tenant, client },
      { tenant, issuer, grant },
    ]) {
      expect(await found(query)).toEqual([mine.token.id])
    }
    expect(await found({ tenant, everything: true })).toEqual([mine.token.id, others.token.id])
    expect(await first().redemptions.find({ tenant, account }, NOW)).toEqual([mine.token])
  })

  test('keeps nothing of a redemption whose access was withdrawn', async () => {
    const session = 'session-ended' as SessionId
    await first().revocations.append(R, {
      id: 'left',
      tenant: SOLE_TENANT,
      target: { kind: 'session', session },
      keepSeconds: 600,
      reason: 'left',
      eventId: 'e1',
    })
    const [ended, standing] = [redemption({ session }), redemption()]
    const verdicts = await Promise.all([ended, standing].map((each) => first().redemptions.commit(each)))
    expect(kinds(verdicts)).toEqual(['first', 'withdrawn'])
    expect(await first().redemptions.find({ tenant: SOLE_TENANT, session }, NOW)).toEqual([])
    expect(await recorded(db, ended)).toEqual([])
  })

  test('registers as a whole, is heard by other nodes, and answers each server its own', async () => {
    const client: ResourceAsClient = {
      id: A,
      tenant: SOLE_TENANT,
      name: 'App A',
      enabled: true,
      authMethods: ['client_secret_basic'],
      secrets: [{ sha256: 'x', until: undefined }],
      jwks: undefined,
      grantTypes: [JWT_BEARER_GRANT],
      permittedResources: [S],
      permittedScopes: ['chat.read' as Scope],
    }
    const resource = {
      tenant: SOLE_TENANT,
      id: S,
      scopes: ['chat.read' as Scope],
      minimumScopes: [],
      tokenLifetimeSeconds: 600,
    }
    const bad = { ...resource, tokenLifetimeSeconds: 5 }
    await expect(first().register({ clients: [client], resources: [bad] })).rejects.toThrow(Fault)
    expect(first().registrations.current().clients.size).toBe(0)

    await first().register({ clients: [client], resources: [resource] })
    expect(first().registrations.current().clients.get(A)).toMatchObject({ id: A, name: 'App A' })
    expect(first().registrations.current().resourcesOf(SOLE_TENANT)).toEqual([resource])
    await expect.poll(() => nodes[1]?.registrations.current().clients.has(A), { timeout: 10_000 }).toBe(true)
    const other = await node(await open(), R2)
    expect(other.registrations.current().clients.size).toBe(0)

    await first().unregister({ clients: [client] })
    expect(first().registrations.current().clients.size).toBe(0)
  })

  proves('RAS-25', 'resolves subjects to accounts, byte for byte, on every node', async () => {
    const subject: ExternalSubject = {
      tenant: SOLE_TENANT,
      issuer: I,
      issuerTenant: undefined,
      subject: 'al' as Subject,
    }
    const { accounts } = first()
    expect(await accounts.findLinked(subject)).toBeUndefined()
    const [one, two] = await Promise.all([accounts.create(subject), nodes[1]?.accounts.create(subject)])
    expect(two?.id).toBe(one.id)
    expect(await accounts.findLinked(subject)).toEqual(one)
    for (const other of [
      { ...subject, subject: 'Al' as Subject },
      { ...subject, issuerTenant: 't' as TenantId },
      { ...subject, issuer: `${I}/` as IssuerId },
      { ...subject, tenant: 't' as TenantId },
    ]) {
      expect(await accounts.findLinked(other)).toBeUndefined()
    }

    await accounts.put({ ...one, active: false })
    expect(await accounts.findLinked(subject)).toMatchObject({ active: false })
    await expect
      .poll(async () => (await nodes[1]?.accounts.findLinked(subject))?.active, { timeout: 10_000 })
      .toBe(false)
  })

  proves(
    'RAS-25',
    'links the account provisioned by this issuer under externalId, and only an unlinked one',
    async () => {
      const { accounts } = first()
      const carol = { id: 'acct-carol' as AccountId, tenant: SOLE_TENANT, active: true, endsAt: undefined }
      await accounts.put(carol, { issuer: I, externalId: 'carol' })
      const subject: ExternalSubject = {
        tenant: SOLE_TENANT,
        issuer: I,
        issuerTenant: undefined,
        subject: 'carol' as Subject,
      }
      expect(await accounts.linkByExternalId({ ...subject, issuer: R2 })).toBeUndefined()
      expect(await accounts.linkByExternalId(subject)).toEqual(carol)
      expect(await accounts.findLinked(subject)).toEqual(carol)
      expect(await accounts.linkByExternalId({ ...subject, issuerTenant: 't' as TenantId })).toBeUndefined()
    },
  )
})

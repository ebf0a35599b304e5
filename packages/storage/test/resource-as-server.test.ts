/** A whole Resource Authorization Server over the database: what it promises must hold with real rows. */
import {
  type AccountId,
  type ClientId,
  Fault,
  ID_JAG_JWT_TYPE,
  type IssuerId,
  JWT_BEARER_GRANT,
  type ResourceId,
  type Scope,
  SOLE_TENANT,
  type Subject,
} from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { createResourceAuthorizationServer, newClientCredentials } from '@carnet/resource-as'
import { createAuditLog, createAuditTrail, openResourceAs } from '@carnet/storage'
import { FixedClock, ManualTimer } from '@carnet/testing'
import { generateSigningKey, publicJwks, signJwt, systemClock, systemRandom } from '@carnet/tokens'
import { beforeAll, expect, test } from 'vitest'
import { describeOnBothDatabases, type Open, quietLog } from './both-databases.ts'

const IDP = 'https://idp.acme.test' as IssuerId
const R = 'https://auth.chat.test/t1' as IssuerId
const S = 'https://mcp.chat.test/mcp' as ResourceId
const READ = 'chat.read' as Scope
const ALICE = 'acct-alice' as AccountId
const idpKey = await generateSigningKey('ES256')
const ownKey = await generateSigningKey('ES256')
const app = newClientCredentials(systemRandom)
const guard = newClientCredentials(systemRandom)

const noNetwork = { send: () => Promise.reject(new Fault('peer-unavailable', 'there is no network here')) }

async function start(open: Open, writer: string) {
  const db = await open()
  const audit = await createAuditLog({ db, writer })
  const { ports, store } = await openResourceAs(db, {
    realm: R,
    audit,
    signingKeys: { ring: () => [ownKey] },
    http: noNetwork,
    clock: systemClock,
    random: systemRandom,
    timer: new ManualTimer(new FixedClock()),
    log: quietLog,
  })
  return { db, store, server: createResourceAuthorizationServer({ issuer: R }, ports) }
}

const secretsOf = ({ secretHash }: typeof app) => [{ sha256: secretHash, until: undefined }]
const basicOf = ({ id, secret }: typeof app) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

let count = 0
function idJag(change: Record<string, unknown> = {}): string {
  const now = systemClock.now()
  const claims = { iss: IDP, sub: 'alice', aud: R, client_id: app.id, jti: `jag-${++count}-${now}`, iat: now }
  const more = { exp: now + 300, resource: S, scope: READ, txn: systemRandom.token(16), sid: 'session-1' }
  return signJwt({ ...claims, ...more, ...change }, { typ: ID_JAG_JWT_TYPE, key: idpKey })
}

describeOnBothDatabases('A Resource AS', (open) => {
  let node: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    node = await start(open, 'ras-1')
    const { store } = node
    await store.register({
      clients: [
        {
          id: app.id,
          tenant: SOLE_TENANT,
          name: 'App',
          enabled: true,
          authMethods: ['client_secret_basic'],
          secrets: secretsOf(app),
          jwks: undefined,
          grantTypes: [JWT_BEARER_GRANT],
          permittedResources: [S],
          permittedScopes: [READ],
        },
      ],
      trustedIssuers: [
        {
          tenant: SOLE_TENANT,
          issuer: IDP,
          issuerTenant: undefined,
          keys: { jwks: publicJwks([idpKey]) },
          algorithms: ['ES256'],
          permittedClients: [app.id],
          permittedResources: [S],
          scopeCeiling: [READ],
          maxLifetimeSeconds: 600,
          unknownScopes: 'refuse',
          subjects: { byExternalId: false, createAccounts: true },
        },
      ],
      resources: [{ tenant: SOLE_TENANT, id: S, scopes: [READ], minimumScopes: [], tokenLifetimeSeconds: 600 }],
      resourceServers: [
        {
          id: guard.id as ClientId,
          enabled: true,
          authMethods: ['client_secret_basic'],
          secrets: secretsOf(guard),
          jwks: undefined,
          resources: [S],
          tenants: [SOLE_TENANT],
        },
      ],
    })
    await store.accounts.put({ id: ALICE, tenant: SOLE_TENANT, active: true, endsAt: undefined })
    await store.accounts.link(
      { tenant: SOLE_TENANT, issuer: IDP, issuerTenant: undefined, subject: 'alice' as Subject },
      ALICE,
    )
  })

  const post = async (to: string, parameters: Record<string, string>, by = app, at = node) => {
    const body = new URLSearchParams(parameters)
    const request = new Request(R + to, { method: 'POST', headers: { authorization: basicOf(by) }, body })
    const response = await at.server.fetch(request, '192.0.2.7')
    return { status: response.status, body: Object(await response.json()) }
  }
  const redeem = (assertion: string, at = node) => post('/token', { grant_type: JWT_BEARER_GRANT, assertion }, app, at)

  proves(['RAS-17', 'THR-01'], 'of 50 requests with one ID-JAG at three processes, one gets a token', async () => {
    const others = await Promise.all([start(open, 'ras-2'), start(open, 'ras-3')])
    const processes = [node, ...others]
    const assertion = idJag()
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => redeem(assertion, processes[n % 3])))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.carnet_reason === 'jti.replayed')).toHaveLength(49)
  })

  proves(
    'RAS-36',
    'a redemption is in the audit log before it is answered, under the txn of the assertion',
    async () => {
      const txn = systemRandom.token(16)
      const { body } = await redeem(idJag({ txn }))
      expect(body.txn).toBe(txn)
      const story = await createAuditTrail(node.db).byTxn(body.txn)
      expect(JSON.stringify(story)).toContain('token.issued')
    },
  )

  test('gives a new person one account, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => redeem(idJag({ sub: 'new' }))))
    const subjects = answers.map(({ body }) => {
      const [, payload] = String(body.access_token).split('.')
      return JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()).sub
    })
    expect(new Set(subjects).size).toBe(1)
  })

  test('ends what an issuer withdrew: tokens, grants on their way, on every process', async () => {
    const other = await start(open, 'ras-4')
    const { body } = await redeem(idJag())
    const onItsWay = idJag()
    const introspect = async (at = node) =>
      (await post('/introspect', { token: body.access_token }, guard, at)).body.active
    expect(await introspect()).toBe(true)
    const withdrawal = {
      issuer: IDP,
      subject: 'alice' as Subject,
      cutoff: systemClock.now(),
      reason: 'left',
      eventId: 'e1',
    }
    await other.server.applyIssuerRevocation(withdrawal)
    expect((await redeem(onItsWay)).body.carnet_reason).toBe('assertion.revoked')
    await expect.poll(() => introspect(), { timeout: 10_000 }).toBe(false)
  })
})

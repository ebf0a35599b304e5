/** The administration API: which route does what, and who may. */

import type { PersonWithdrawal } from '@carnet/directory'
import {
  type Clock,
  type EventSink,
  Fault,
  type Hidden,
  type IssuerId,
  type KeyId,
  type Log,
  parseTxn,
} from '@carnet/protocol'
import type { AuditTrail } from '@carnet/storage'
import { hashSecret, secretMatches } from '@carnet/tokens'
import { Hono } from 'hono'
import { problemResponse } from './problem.ts'

export interface AdministrationPorts {
  readonly issuer: IssuerId
  readonly apiKey: Hidden
  readonly people: PersonWithdrawal
  readonly trail: AuditTrail
  /** Begins the use of new signing keys, of the issuer and of every Resource AS hosted beside it. */
  readonly rotateSigningKeys: () => Promise<readonly KeyId[]>
  readonly events: EventSink
  readonly clock: Clock
  readonly log: Log
}

/** Who an API key acts as, until administrators sign in themselves. */
const ACTOR = 'api-key'

export function createAdministration(ports: AdministrationPorts): { fetch(request: Request): Promise<Response> } {
  const { people, trail } = ports
  const expected = hashSecret(ports.apiKey.reveal())
  const app = new Hono().basePath('/api/v1')

  app.use(async (context, next) => {
    const presented = /^Bearer ([\x21-\x7e]+)$/.exec(context.req.header('authorization') ?? '')?.[1]
    if (presented !== undefined && secretMatches(presented, expected)) return next()
    await ports.events.record({
      type: 'administration.refused',
      outcome: 'refused',
      reporter: ports.issuer,
      at: ports.clock.now(),
      reason: presented === undefined ? 'no-credentials' : 'wrong-api-key',
      details: { method: context.req.method, path: context.req.path.slice(0, 200) },
    })
    return problemResponse({ status: 401, title: 'An API key is needed.', headers: { 'www-authenticate': 'Bearer' } })
  })

  app.post('/people/:username/disable', async (context) => {
    const ended = await people.disable(context.req.param('username'), { actor: ACTOR })
    return ended === undefined ? noSuchPerson() : context.json(ended)
  })
  app.post('/people/:username/enable', async (context) => {
    const enabled = await people.enable(context.req.param('username'), { actor: ACTOR })
    return enabled === undefined ? noSuchPerson() : context.json(enabled)
  })
  app.post('/signing-keys/rotate', async (context) => context.json({ kids: await ports.rotateSigningKeys() }))
  app.get('/audit/trails/:txn', async (context) => {
    const txn = parseTxn(context.req.param('txn'))
    if (txn === undefined) {
      const errors = [{ path: 'txn', message: 'must be 22 characters of base64url' }]
      return problemResponse({ status: 400, title: 'This is not the id of a chain.', errors })
    }
    const story = await trail.byTxn(txn)
    if (story.events.length === 0) return problemResponse({ status: 404, title: 'There is no event with this txn.' })
    return context.json({
      txn,
      truncated: story.truncated,
      events: story.events.map(({ id, event }) => ({ ...event, id })),
    })
  })

  app.notFound(() => problemResponse({ status: 404, title: 'There is no such resource.' }))
  app.onError((error) => {
    ports.log.error('an administration request failed', { error })
    if (error instanceof Fault) {
      return problemResponse({ status: 503, title: 'Something this needs is down.', headers: { 'retry-after': '5' } })
    }
    return problemResponse({ status: 500, title: 'This failed on our side.' })
  })
  return { fetch: async (request) => app.fetch(request) }
}

function noSuchPerson(): Response {
  return problemResponse({ status: 404, title: 'There is no such person.' })
}

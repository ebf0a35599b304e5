/** The administration API: which route does what, and who may. */

import type { PersonWithdrawal } from '@carnet/directory'
import type { RateLimits, RateRefusal } from '@carnet/http'
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
  /** Counts requests without the key, so that they cannot fill the audit log. The key itself is never turned away. */
  readonly limits: RateLimits
  readonly clock: Clock
  readonly log: Log
}

/** Who an API key acts as, until administrators sign in themselves. */
const ACTOR = 'api-key'

export interface Administration {
  /** @param source - where the request came from, as `sourceOf` says */
  fetch(request: Request, source: string): Promise<Response>
}

export function createAdministration(ports: AdministrationPorts): Administration {
  const { people, trail } = ports
  const expected = hashSecret(ports.apiKey.reveal())
  const app = new Hono<{ Bindings: { source: string } }>().basePath('/api/v1')

  app.use(async (context, next) => {
    const presented = /^Bearer ([\x21-\x7e]+)$/.exec(context.req.header('authorization') ?? '')?.[1]
    if (presented !== undefined && secretMatches(presented, expected)) return next()
    const at = ports.clock.now()
    const admitted = ports.limits.admitSource(context.env.source, undefined, at)
    ports.limits.countFailure(context.env.source, undefined, at)
    const count = admitted.ok ? 1 : admitted.refusal.count
    const reason = presented === undefined ? 'no-credentials' : 'wrong-api-key'
    if (count > 0) {
      await ports.events.record({
        type: 'administration.refused',
        outcome: 'refused',
        reporter: ports.issuer,
        at,
        reason: admitted.ok ? reason : admitted.refusal.reason,
        details: { method: context.req.method, path: context.req.path.slice(0, 200), count },
      })
    }
    if (!admitted.ok) return tooMany(admitted.refusal)
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
  return { fetch: async (request, source) => app.fetch(request, { source }) }
}

function tooMany({ retryAfterSeconds }: RateRefusal): Response {
  const headers = { 'retry-after': String(retryAfterSeconds) }
  return problemResponse({ status: 429, title: 'There were too many requests without the API key.', headers })
}

function noSuchPerson(): Response {
  return problemResponse({ status: 404, title: 'There is no such person.' })
}

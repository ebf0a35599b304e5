/** Plain functions inside somebody else's token endpoint: exactly the example of the README, in Express. */
import { readFileSync } from 'node:fs'
import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import express from 'express'
import { expect, test } from 'vitest'
import { addIdJagGrant } from './express-token-endpoint.ts'
import { A, AS_A, authenticatedA, idJag, READ, redemptionForm, S, type Setup, serve } from './fixture.ts'
import { listen } from './http.ts'

async function start(setup: Setup = {}, ownAuthentication = false) {
  const served = serve(setup)
  const { redemption } = served.server
  const app = express()
  addIdJagGrant(
    app,
    '/oauth/token',
    ownAuthentication ? { ...redemption, authenticate: async () => authenticatedA } : redemption,
  )
  app.post('/oauth/token', (_req, res) => void res.status(418).json({ mine: true }))
  const origin = await listen(() => app)
  const post = async (body: string, authorization?: string) => {
    const response = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(authorization !== undefined && { authorization }),
      },
      body,
    })
    return { status: response.status, headers: response.headers, body: Object(await response.json()) }
  }
  return { ...served, post }
}

test('redeems, once, and leaves other grants alone', async () => {
  const { post } = await start()
  const grant = redemptionForm(idJag())
  expect(await post(grant, AS_A)).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer', resource: S, scope: READ },
  })
  expect(await post(grant, AS_A)).toMatchObject({ status: 400, body: { carnet_reason: 'jti.replayed' } })
  expect(await post('grant_type=client_credentials', AS_A)).toMatchObject({ status: 418, body: { mine: true } })
})

test('takes the word of a host that authenticates clients itself', async () => {
  const { post, events } = await start({}, true)
  expect(await post(redemptionForm(idJag()))).toMatchObject({ status: 200 })
  expect(events).toMatchObject([{ type: 'token.issued', client: A }])
})

proves('RAS-19', 'a store that is down is a 503 of the host, too', async () => {
  const commit = () => Promise.reject(new Fault('store-unavailable', 'down'))
  const { post } = await start({ ports: { redemptions: { commit } } })
  const { status, body, headers } = await post(redemptionForm(idJag()), AS_A)
  expect([status, body.error, headers.get('cache-control')]).toEqual([503, 'temporarily_unavailable', 'no-store'])
})

test('a request that is no proper form, or has no client, is refused', async () => {
  const { post } = await start()
  expect(await post('grant_type=a&grant_type=b')).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  expect(await post(redemptionForm(idJag()))).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
})

test('the README shows this very code', () => {
  const code = readFileSync(new URL('./express-token-endpoint.ts', import.meta.url), 'utf8')
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = code.slice(code.indexOf('export function'))
  expect(readme).toContain(example)
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(25)
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IssuerId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { FixedClock } from '@carnet/testing'
import { afterAll, beforeAll, expect } from 'vitest'
import { ISSUER_DEFAULTS } from '../config.ts'
import { createDocuments } from './documents.ts'

let server: Server
let origin: string

beforeAll(async () => {
  server = createServer((request, response) => {
    if (!documents(request.url ?? '', request, response)) response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = { ...ISSUER_DEFAULTS, issuer: origin as IssuerId, cookieKeys: [] }
  const documents = createDocuments(config, [], { published: () => [] }, new FixedClock())
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

for (const path of ['/.well-known/openid-configuration', '/jwks']) {
  proves('DISC-14', `${path} may be read by pages of any origin`, async () => {
    const get = await fetch(origin + path, { headers: { origin: 'https://somewhere.test' } })
    expect([get.status, get.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
  })

  proves('DISC-14', `${path} may only be read`, async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await fetch(origin + path, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  })
}

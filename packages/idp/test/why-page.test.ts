import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type EpochSeconds, Fault, type Txn } from '@carnet/protocol'
import { NOW } from '@carnet/testing'
import { afterEach, expect, test } from 'vitest'
import { createWhyPage, type PolicyRefusals } from '../src/index.ts'

const TXN = 'aaaaaaaaaaaaaaaaaaaaaa' as Txn
const refusals: PolicyRefusals = {
  find: async (txn) =>
    txn === TXN
      ? { reason: 'policy.no-matching-rule', at: NOW as EpochSeconds, serverName: 'Billing & <Refunds>' }
      : undefined,
}
const open: { close(): void }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function get(path: string, from: PolicyRefusals = refusals, method = 'GET'): Promise<Response> {
  const why = createWhyPage(from)
  const server = createServer((request, response) => void why(request, response))
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method })
}

test('says in one sentence why, names the server and the number, and nobody', async () => {
  const response = await get(`/why/${TXN}`)
  const text = await response.text()
  expect(response.status).toBe(200)
  expect(text).toContain('No rule of the company policy allows this.')
  expect(text).toContain(TXN)
  expect(text).toContain('Billing &#38; &#60;Refunds&#62;')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(response.headers.get('cache-control')).toBe('no-store')
})

for (const path of ['/why/bbbbbbbbbbbbbbbbbbbbbb', '/why/short', '/why/', `/why/${TXN}x`]) {
  test(`answers 404 to ${path}`, async () => {
    expect((await get(path)).status).toBe(404)
  })
}

test('an audit log that does not answer is a 503, and other methods a 405', async () => {
  const down: PolicyRefusals = {
    find: async () => {
      throw new Fault('store-unavailable', 'down')
    },
  }
  expect((await get(`/why/${TXN}`, down)).status).toBe(503)
  expect((await get(`/why/${TXN}`, refusals, 'POST')).status).toBe(405)
})

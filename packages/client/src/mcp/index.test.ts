import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import type { Company } from '../../test/fixture/company.ts'
import { farCompany, signedInClient } from '../../test/fixture/settings.ts'
import { enterpriseManaged } from './index.ts'

/** A transport's view of the adapter: it asks for a token, sends, and reports a 401 once. */
async function transport(company: Company, maxStepUps?: 1 | 2 | 3) {
  const url = company.server
  const client = await signedInClient(company)
  const send = async (address: string | URL, init: RequestInit = {}) => {
    const asked = {
      method: 'POST',
      url: new URL(address),
      headers: new Headers(init.headers),
      form: new URLSearchParams(),
    }
    const { status, headers = {}, json } = company.answer({ ...asked, body: String(init.body ?? '') })
    return new Response(json === undefined ? null : JSON.stringify(json), { status, headers })
  }
  const { authProvider, fetch } = enterpriseManaged(client, url, { fetch: send, ...(maxStepUps && { maxStepUps }) })
  const call = async (method: string) => {
    const token = await authProvider.token()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }) })
  }
  const renew = (response: Response) =>
    authProvider.onUnauthorized?.({ response, serverUrl: new URL(url), fetchFn: send }) ?? Promise.reject()
  return { call, renew }
}

function exchanges(company: Company): number {
  return company.askedOf('idp.token').length
}

proves('CLI-17', 'after 401 drops the token and makes one exchange', async () => {
  const company = await farCompany()
  const { call, renew } = await transport(company)
  await renew(await call('tools/list'))
  expect((await call('tools/list')).status).toBe(200)
  company.liveTokens.clear()
  await renew(await call('tools/list'))
  expect((await call('tools/list')).status).toBe(200)
  expect(exchanges(company)).toBe(2)
})

proves('CLI-17', 'after 403 asks for the union and tries again', async () => {
  const company = await farCompany()
  const { call, renew } = await transport(company)
  await renew(await call('tools/list'))
  expect((await call('tools/call')).status).toBe(200)
  expect(company.askedOf('idp.token').at(-1)?.form.get('scope')).toBe('chat.read chat.write')
})

for (const limit of [1, 3] as const) {
  proves('CLI-17', `asks for a wider token no more than ${limit} times in a row`, async () => {
    const company = await farCompany()
    const { call, renew } = await transport(company, limit)
    await renew(await call('tools/list'))
    let wish = 0
    company.script('mcp', () => {
      const challenge = `Bearer error="insufficient_scope", scope="chat.x${wish++}"`
      // Bounded, so that a client without a limit fails this test and does not run forever.
      return wish > 10 ? { status: 500 } : { status: 403, headers: { 'www-authenticate': challenge } }
    })
    const before = exchanges(company)
    for (const _ of [1, 2]) await call('tools/call')
    expect(exchanges(company)).toBe(before + limit)
  })
}

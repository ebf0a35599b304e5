import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { publicDocument } from './public-document.ts'

const answer = publicDocument(() => ({ issuer: 'x' }), 'application/json')
const request = (method: string) =>
  answer(new Request('https://as.test/jwks', { method, headers: { origin: 'https://app.test' } }))

proves('DISC-14', 'may be read from any origin', async () => {
  const response = await request('GET')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(await response.json()).toEqual({ issuer: 'x' })
  expect((await request('OPTIONS')).status).toBe(204)
})

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
  proves('DISC-14', `cannot be asked for with ${method}`, async () => {
    const response = await request(method)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
}

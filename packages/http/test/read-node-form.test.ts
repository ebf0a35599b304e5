import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { proves } from '@carnet/requirements/vitest'
import { afterAll, beforeAll, expect } from 'vitest'
import { oauthErrorAnswer, readNodeForm, requestError, STRICT_FORM, writeAnswer } from '../src/index.ts'

const FORM = 'application/x-www-form-urlencoded'
const refusals: string[] = []
let server: Server
let refused: () => void = () => {}

beforeAll(async () => {
  server = createServer(async (incoming, response) => {
    const form = await readNodeForm(incoming, STRICT_FORM)
    if (!form.ok) {
      refusals.push(form.refusal.reason)
      refused()
    }
    writeAnswer(
      response,
      form.ok
        ? { status: 200, headers: {}, body: form.value.get('a') ?? '' }
        : oauthErrorAnswer(requestError(form.refusal)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function open(method: string, headers: Record<string, string>) {
  const { port } = server.address() as AddressInfo
  return request({ host: '127.0.0.1', port, method, headers, path: '/token' })
}

async function send(method: string, headers: Record<string, string>, ...chunks: readonly (string | Buffer)[]) {
  const outgoing = open(method, headers)
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  // The server may answer and hang up before it has taken everything.
  outgoing.on('error', () => {})
  for (const chunk of chunks) outgoing.write(chunk)
  outgoing.end()
  const [response] = await answered
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

proves('IDP-10', 'answers GET with 405 and the method that is allowed', async () => {
  expect(await send('GET', {})).toMatchObject({ status: 405, headers: { allow: 'POST' } })
})

proves('IDP-10', 'answers JSON with 400 invalid_request', async () => {
  const answer = await send('POST', { 'content-type': 'application/json' }, '{"a":1}')
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' })
})

proves('IDP-10', 'reads a form that arrives in pieces, cut inside a character', async () => {
  const bytes = Buffer.from('a=ä')
  const answer = await send('POST', { 'content-type': FORM }, bytes.subarray(0, 3), bytes.subarray(3))
  expect(answer).toMatchObject({ status: 200, body: 'ä' })
})

proves('THR-15', 'answers 413 to a body that does not say how long it is, and hangs up', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, 0x61)
  const answer = await send('POST', { 'content-type': FORM, 'transfer-encoding': 'chunked' }, megabyte)
  expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } })
})

proves('THR-15', 'is not held up by a client that hangs up half way', async () => {
  const seen = new Promise<void>((resolve) => {
    refused = resolve
  })
  const outgoing = open('POST', { 'content-type': FORM, 'content-length': '100' })
  outgoing.on('error', () => {})
  const arrived = once(server, 'request')
  outgoing.write('a=1')
  await arrived
  outgoing.destroy()
  await seen
  expect(refusals.at(-1)).toBe('body-incomplete')
})

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { listenOnLoopback } from './loopback.ts'

/** Sends the request target as it stands, which no HTTP client would. */
async function ask(port: number, target: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  let answer = ''
  socket.on('data', (bytes) => {
    answer += bytes.toString()
  })
  await once(socket, 'close')
  return answer.split('\r\n')[0] ?? ''
}

test('a request that is no address of ours is turned away and waited past', async () => {
  const loopback = await listenOnLoopback('/callback')
  const { port } = new URL(loopback.redirectUri)
  const response = loopback.response('state-1', new AbortController().signal)
  for (const target of ['//', 'http://[', '/callback?state=other', '/callback?state=state-1&state=state-1', '/other']) {
    expect(await ask(Number(port), target)).toContain(' 400 ')
  }
  expect(await ask(Number(port), '/callback?state=state-1&code=c')).toContain(' 200 ')
  const answered = await response
  expect(answered.ok && answered.value.get('code')).toBe('c')
  await loopback.close()
})

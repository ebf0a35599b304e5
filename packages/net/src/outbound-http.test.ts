import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { createServer } from 'node:tls'
import { Fault, type FaultCode } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, onTestFinished, test } from 'vitest'
import { outbound, routes, startPeer } from '../test/peer.ts'
import { answering } from '../test/ssrf-vectors.ts'
import { createOutboundHttp } from './index.ts'

const LARGE = 64 * 1024

async function faultOf(sending: Promise<unknown>): Promise<{ code: FaultCode; message: string }> {
  const error = await sending.then(
    () => 'it succeeded',
    (caught: unknown) => caught,
  )
  if (error instanceof Fault) return { code: error.code, message: error.message }
  throw new Error(`Not a fault: ${String(error)}`)
}

test('fetches what a peer answers, errors included', async () => {
  const peer = await startPeer(({ method, headers }, response) => {
    response.writeHead(401, { 'content-type': 'text/plain', 'x-two': ['a', 'b'] }).end(`${method} ${headers['x-one']}`)
  })
  const request = { method: 'POST', headers: { 'x-one': '1' }, body: 'a=b', maxBytes: LARGE } as const
  const answer = await outbound().send({ ...request, url: `${peer.url}/token?x=1` })
  expect(answer).toMatchObject({ status: 401, body: 'POST 1' })
  expect(answer.headers.get('x-two')).toBe('a, b')
  expect(peer.requests[0]?.url).toBe('/token?x=1')
})

proves('CLI-23', 'does not follow a redirect', async () => {
  const inside = await startPeer()
  const peer = await startPeer((_, response) => response.writeHead(302, { location: inside.url }).end('moved'))
  const { code, message } = await faultOf(outbound().send({ url: peer.url, maxBytes: LARGE }))
  expect(code).toBe('peer-misbehaved')
  expect(message).toContain('redirect')
  expect(inside.requests).toEqual([])
})

proves('CLI-23', 'reads no more of a body than the caller allows', async () => {
  const peer = await startPeer((_, response) => response.end('x'.repeat(1000)))
  expect((await outbound().send({ url: peer.url, maxBytes: 1000 })).body).toHaveLength(1000)
  expect(await faultOf(outbound().send({ url: peer.url, maxBytes: 999 }))).toMatchObject({ code: 'peer-misbehaved' })
})

proves('CLI-23', 'stops reading a body that never ends', async () => {
  const peer = await startPeer((request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    }
    response.on('drain', more).on('error', () => {})
    request.on('error', () => {})
    more()
  })
  expect(await faultOf(outbound().send({ url: peer.url, maxBytes: LARGE }))).toMatchObject({ code: 'peer-misbehaved' })
})

proves('CLI-23', 'gives up on a peer that does not answer in time', async () => {
  const peer = await startPeer(() => {})
  const http = outbound({ limits: { totalSeconds: 0.05 } })
  expect(await faultOf(http.send({ url: peer.url, maxBytes: LARGE }))).toMatchObject({ code: 'peer-unavailable' })
})

proves('CLI-23', 'gives up on a peer that begins an answer and does not end it in time', async () => {
  const peer = await startPeer((_, response) => response.writeHead(200).write('{'))
  const http = outbound({ limits: { totalSeconds: 0.2 } })
  expect(await faultOf(http.send({ url: peer.url, maxBytes: LARGE }))).toMatchObject({ code: 'peer-unavailable' })
})

proves('CLI-23', 'does not unpack an encoded body, whose size nobody could bound', async () => {
  const peer = await startPeer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('xx'))
  expect(await faultOf(outbound().send({ url: peer.url, maxBytes: LARGE }))).toMatchObject({ code: 'peer-misbehaved' })
  expect(peer.requests[0]?.headers['accept-encoding']).toBeUndefined()
})

const contentTypes = [
  ['application/json', true],
  ['application/json; charset=utf-8', true],
  ['application/jwk-set+json', true],
  ['text/html', false],
  ['application/jsonp', false],
  ['text/html; application/json', false],
] as const

for (const [contentType, isJson] of contentTypes) {
  proves('CLI-23', `${isJson ? 'takes' : 'does not take'} ${contentType} where JSON is expected`, async () => {
    const peer = await startPeer((_, response) => response.writeHead(200, { 'content-type': contentType }).end('{}'))
    const sending = outbound().send({ url: peer.url, maxBytes: LARGE, expects: 'json' })
    if (isJson) expect((await sending).body).toBe('{}')
    else expect(await faultOf(sending)).toMatchObject({ code: 'peer-misbehaved' })
  })
}

proves('THR-06a', 'makes no connection to a name that leads inside', async () => {
  const inside = await startPeer()
  const http = outbound({ allowInsecureLoopback: false, resolve: answering('127.0.0.1') })
  const { code } = await faultOf(http.send({ url: `https://peer.example:${inside.port}/`, maxBytes: LARGE }))
  expect(code).toBe('peer-misbehaved')
  expect(inside.requests).toEqual([])
})

proves('THR-14', 'resolves a name once, connects to that address, and still speaks to the name', async () => {
  const peer = await startPeer(routes({ '/': {} }))
  let asked = 0
  const resolve = async () => {
    asked++
    return [{ address: '127.0.0.1', family: 4 as const }]
  }
  const url = `http://peer.localhost:${peer.port}/`
  expect((await outbound({ resolve }).send({ url, maxBytes: LARGE })).status).toBe(200)
  expect(asked).toBe(1)
  expect(peer.requests[0]?.headers.host).toBe(`peer.localhost:${peer.port}`)
})

test('TLS asks for the name, not for the address it connected to', async () => {
  const names: string[] = []
  const server = createServer({
    SNICallback: (name, done) => {
      names.push(name)
      done(new Error('no certificate'))
    },
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const url = `https://peer.localhost:${port}/`
  const { code } = await faultOf(outbound({ resolve: answering('127.0.0.1') }).send({ url, maxBytes: LARGE }))
  expect(code).toBe('peer-unavailable')
  expect(names).toEqual(['peer.localhost'])
})

test('a peer that refuses connections, has no name or breaks off is unavailable', async () => {
  const gone = await closedPort()
  const unresolved = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  const breaksOff = await startPeer((request) => request.socket.destroy())
  const faults = [
    outbound().send({ url: `http://127.0.0.1:${gone}/`, maxBytes: LARGE }),
    outbound({ resolve: unresolved }).send({ url: 'https://peer.example/', maxBytes: LARGE }),
    outbound().send({ url: breaksOff.url, maxBytes: LARGE }),
  ].map(faultOf)
  for (const fault of await Promise.all(faults)) expect(fault.code).toBe('peer-unavailable')
})

test('a peer that does not speak HTTP misbehaves', async () => {
  const server = createTcpServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end('hello\r\n\r\n'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const fault = await faultOf(outbound().send({ url: `http://127.0.0.1:${port}/`, maxBytes: LARGE }))
  expect(fault.code).toBe('peer-misbehaved')
})

test('a fault names the URL without its query', async () => {
  const urls = [`http://127.0.0.1:${await closedPort()}/path?code=secret`, 'https://10.0.0.1/path?code=secret']
  for (const url of urls) {
    const { message } = await faultOf(outbound().send({ url, maxBytes: LARGE }))
    expect(message).toContain('/path')
    expect(message).not.toContain('secret')
  }
})

test('misuse by the caller is no fault of the peer', async () => {
  const http = createOutboundHttp({ allowInsecureLoopback: true })
  const sending = http.send({ url: 'http://127.0.0.1/', headers: { 'bad name': '1' }, maxBytes: LARGE })
  await expect(sending).rejects.not.toThrow(Fault)
  await http.close()
})

async function closedPort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

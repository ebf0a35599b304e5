/** A peer on loopback that answers as it is told and remembers what it was asked. For use inside a test. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createOutboundHttp, type OutboundHttpOptions } from '../src/index.ts'

export interface Peer {
  readonly url: string
  readonly port: number
  readonly requests: readonly IncomingMessage[]
  /** How often `path` was asked for. */
  count(path: string): number
  answer: RequestListener
}

export async function startPeer(answer: RequestListener = routes({})): Promise<Peer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    peer.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const peer: Peer = {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    answer,
    count: (path) => requests.filter(({ url }) => url === path).length,
  }
  return peer
}

/** Answers each path with a status or with JSON; everything else is 404. */
export function routes(byPath: Readonly<Record<string, number | object>>): RequestListener {
  return ({ url = '' }, response) => {
    const route = byPath[url] ?? 404
    if (typeof route === 'number') response.writeHead(route).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(route))
  }
}

/** The real outbound client, allowed to reach peers of the test. */
export function outbound(options: OutboundHttpOptions = {}) {
  const http = createOutboundHttp({ allowInsecureLoopback: true, ...options })
  onTestFinished(() => http.close())
  return http
}

/** The whole fetcher against the whole corpus: whatever is refused, nothing connects. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:net'
import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, onTestFinished } from 'vitest'
import { outbound } from './peer.ts'
import { answering, SSRF_VECTORS } from './ssrf-vectors.ts'

const CONNECTED = 'undici:client:connected'
const refused = SSRF_VECTORS.filter(({ expected }) => expected === 'refused')

proves(['THR-06a', 'CLI-23'], 'connects nowhere for any refused URL of the corpus', async () => {
  const connections: unknown[] = []
  const remember = (message: unknown) => connections.push(message)
  subscribe(CONNECTED, remember)
  onTestFinished(() => void unsubscribe(CONNECTED, remember))

  const outcomes = await Promise.allSettled(
    refused.map(({ url, resolves = ['10.0.0.1'] }) => {
      const http = outbound({ allowInsecureLoopback: false, resolve: answering(...resolves) })
      return http.send({ url, maxBytes: 1024 })
    }),
  )
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Fault) })
    expect(outcome).toMatchObject({ reason: { code: 'peer-misbehaved' } })
  }
  expect(connections).toEqual([])
})

proves('THR-06a', 'reaches a server on this machine by none of its spellings', async () => {
  let connections = 0
  const trap = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => trap.close(() => resolve())))
  const address = trap.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const hosts = ['127.0.0.1', '127.1', '0x7f.1', '017700000001', '2130706433', '0', 'localhost', '[::ffff:127.0.0.1]']
  const http = outbound({ allowInsecureLoopback: false })
  for (const host of hosts) {
    for (const scheme of ['http', 'https']) {
      await expect(http.send({ url: `${scheme}://${host}:${port}/`, maxBytes: 1024 })).rejects.toThrow(Fault)
    }
  }
  expect(connections).toBe(0)
})

/** A real HTTP server on a free loopback port for one test. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** @param listener - made once the origin is known, as an issuer identifier needs it */
export async function listen(
  listener: (origin: string) => RequestListener | Promise<RequestListener>,
): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('request', await listener(origin))
  return origin
}

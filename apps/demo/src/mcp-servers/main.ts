/** One MCP server of the demo, in a process of its own: an ordinary SDK server with Carnet's guard around it. */
import { createServer } from 'node:http'
import { createGuard } from '@carnet/resource-server'
import { createGuardedMcpHandler } from '@carnet/resource-server/mcp'
import { toNodeListener } from '@carnet/resource-server/node'
import { createBilling } from './billing.ts'
import { readServerSettings } from './settings.ts'
import { createTracker } from './tracker.ts'

const STOP_WITHIN_MILLISECONDS = 2000

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('This needs the path of its settings')
const settings = readServerSettings(path)

const guard = createGuard({
  resource: settings.resource,
  name: settings.name,
  authorizationServers: [
    { issuer: settings.authorizationServer, feed: settings.credentials, events: settings.credentials },
  ],
  scopes: settings.scopes,
  tools: settings.tools,
  allowInsecureLoopback: true,
})
const handler = createGuardedMcpHandler(guard, settings.key === 'tracker' ? createTracker() : createBilling())
const server = createServer(toNodeListener((request) => handler.fetch(request)))

// Whoever started this process has gone, so nobody could stop it any more.
process.once('disconnect', stop)
process.once('SIGTERM', stop)
server.listen(settings.port, '127.0.0.1', () => {
  guard.ready.then(() => process.send?.('ready'))
})

async function stop(): Promise<void> {
  // What waits for a server that has gone too must not keep this process.
  setTimeout(() => process.exit(0), STOP_WITHIN_MILLISECONDS).unref()
  server.close()
  server.closeAllConnections()
  await handler.close()
  await guard.close()
  process.exit(0)
}

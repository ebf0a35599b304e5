/** An MCP server built with the official SDK, with the guard around it, following the revocation feed. */
import { createServer } from 'node:http'
import { createGuard } from '@carnet/resource-server'
import { createGuardedMcpHandler } from '@carnet/resource-server/mcp'
import { toNodeListener } from '@carnet/resource-server/node'
import { McpServer } from '@modelcontextprotocol/server'
import type { Organisation } from '../organisation.ts'
import { serve, settings } from '../server-process.ts'

const { resource, resourcePort, resourceServer, authorizationServer } = settings<Organisation>()
const guard = createGuard({
  resource,
  authorizationServers: [
    { issuer: authorizationServer, feed: { id: resourceServer.id, secret: resourceServer.secret } },
  ],
  tools: { list_issues: ['issues.read'] },
  allowInsecureLoopback: true,
})
const handler = createGuardedMcpHandler(guard, () => {
  const server = new McpServer({ name: 'tracker', version: '1.0.0' })
  server.registerTool('list_issues', { description: 'Lists the open issues.' }, async () => ({
    content: [{ type: 'text' as const, text: '3 open issues' }],
  }))
  return server
})
const server = createServer(toNodeListener((request) => handler.fetch(request)))
server.listen(resourcePort, '127.0.0.1', async () => {
  await guard.ready
  serve({}, async () => {
    server.close()
    server.closeAllConnections()
    await handler.close()
    await guard.close()
  })
})

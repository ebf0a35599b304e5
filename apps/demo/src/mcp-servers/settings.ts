/** What an MCP server of the demo is told: a file only its owner may read, because it holds its credentials. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export const serverSettings = z.object({
  key: z.enum(['tracker', 'billing']),
  name: z.string(),
  port: z.number().int(),
  resource: z.string(),
  authorizationServer: z.string(),
  /** At its authorization server: for the revocation feed, and for the events of calls. */
  credentials: z.object({ id: z.string(), secret: z.string() }),
  scopes: z.array(z.string()),
  tools: z.record(z.string(), z.array(z.string())),
})
export type ServerSettings = z.output<typeof serverSettings>

export function readServerSettings(path: string): ServerSettings {
  return serverSettings.parse(JSON.parse(readFileSync(path, 'utf8')))
}

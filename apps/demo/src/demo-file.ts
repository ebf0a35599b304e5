/**
 * `.carnet/demo.json`: everything an outside program needs to live through the demo story.
 *
 * It holds secrets and passwords of a demo organisation on this machine, so only its owner may read it.
 */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const credentials = z.object({ id: z.string(), secret: z.string() })

export const demoFile = z.object({
  version: z.literal(1),
  issuer: z.string(),
  servers: z.array(
    z.object({
      name: z.string(),
      /** The MCP endpoint and resource identifier. */
      resource: z.string(),
      /** Issuer identifier of its Resource Authorization Server: the `audience` of an exchange. */
      authorizationServer: z.string(),
      scopes: z.array(z.object({ name: z.string(), title: z.string(), class: z.string() })),
      tools: z.array(z.object({ name: z.string(), class: z.string(), scopes: z.array(z.string()) })),
    }),
  ),
  clients: z.array(
    z.object({
      name: z.string(),
      issuerClient: credentials.extend({ redirectUris: z.array(z.string()) }),
      perAuthorizationServer: z.record(z.string(), credentials),
    }),
  ),
  people: z.array(
    z.object({
      username: z.string(),
      password: z.string(),
      groups: z.array(z.string()),
      /** What policy grants this person, by server. */
      allowed: z.array(z.object({ resource: z.string(), scopes: z.array(z.string()) })),
    }),
  ),
  admin: z.object({ url: z.string(), apiKey: z.string() }),
})
export type DemoFile = z.output<typeof demoFile>

/** @returns `undefined` where there is none that can be used */
export function findDemoFile(path: string): DemoFile | undefined {
  if (!existsSync(path)) return undefined
  const parsed = demoFile.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  return parsed.success ? parsed.data : undefined
}

export function readDemoFile(path: string): DemoFile {
  return demoFile.parse(JSON.parse(readFileSync(path, 'utf8')))
}

/** Writes whole or not at all; readable by its owner alone from the first byte. */
export function writeOwnersFile(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, path)
}

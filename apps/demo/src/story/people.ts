/** A person of the demo at their client: the published packages, and nothing the demo knows beyond its file. */
import { type CarnetClient, createClient, memoryStore } from '@carnet/client'
import { enterpriseManaged, withEnterpriseManaged } from '@carnet/client/mcp'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { DemoFile } from '../demo-file.ts'
import { signInThroughForm } from './form-browser.ts'

export interface AtWork {
  readonly client: CarnetClient
  /** Pages that asked the person for something, since the start. */
  readonly pagesShown: () => number
  /** Addresses the client opened in the browser, since the start. */
  readonly addressesOpened: () => readonly string[]
}

/** @throws Error where the file has no such person or client */
export function atWork(demo: DemoFile, username: string, clientName: string): AtWork {
  const person = demo.people.find((candidate) => candidate.username === username)
  const software = demo.clients.find(({ name }) => name === clientName)
  if (person === undefined || software === undefined) throw new Error(`demo.json lacks ${username} or ${clientName}`)

  let pagesShown = 0
  const opened: string[] = []
  const redirect = software.issuerClient.redirectUris[0]
  const client = createClient({
    issuer: demo.issuer,
    client: software.issuerClient,
    registrations: software.perAuthorizationServer,
    store: memoryStore(),
    ...(redirect !== undefined && { redirectPath: new URL(redirect).pathname }),
    allowInsecureLoopback: true,
    openBrowser: async (url) => {
      opened.push(new URL(url).origin + new URL(url).pathname)
      pagesShown += await signInThroughForm(url, person)
    },
  })
  return { client, pagesShown: () => pagesShown, addressesOpened: () => opened }
}

/** Connects the official MCP client to one server, authorized by the company's policy. */
export async function connectMcp(client: CarnetClient, resource: string): Promise<Client> {
  const mcp = new Client(
    { name: 'carnet-demo', version: '1.0.0' },
    { capabilities: withEnterpriseManaged({}), versionNegotiation: { mode: 'auto' } },
  )
  await mcp.connect(new StreamableHTTPClientTransport(new URL(resource), enterpriseManaged(client, resource)))
  return mcp
}

/** The text a tool answered. */
export async function callForText(mcp: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const result = await mcp.callTool({ name, arguments: args })
  const text = result.content.map((part) => (part.type === 'text' ? part.text : `(${part.type})`)).join(' ')
  if (result.isError === true) throw new Error(text)
  return text
}

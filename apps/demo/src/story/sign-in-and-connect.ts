/** Step 1: one sign-in, and every server policy allows is connected without another question. */
import type { Client } from '@modelcontextprotocol/client'
import type { DemoFile } from '../demo-file.ts'
import { type AtWork, atWork, callForText, connectMcp } from './people.ts'
import { expect, fact, step, timed } from './print.ts'

export interface ConnectedPerson extends AtWork {
  readonly username: string
  readonly tracker: Client
  readonly trackerUrl: string
  readonly trackerTxn: string
}

const FIRST_CALLS: Readonly<Record<string, string>> = { Tracker: 'list_issues', Billing: 'list_invoices' }

export async function signInAndConnect(demo: DemoFile): Promise<ConnectedPerson> {
  step('Alice, an engineer, signs in once and gets to work')
  const person = atWork(demo, 'alice', 'Assistant')
  const signIn = await timed(() => person.client.signIn())
  fact(`signed in through the company's page (${person.pagesShown()} page shown)`, signIn)

  const list = await timed(() => person.client.servers())
  fact(`policy opens ${list.value.length} servers to her: ${list.value.map(({ name }) => name).join(', ')}`, list)
  for (const { name, scopes } of list.value) fact(`  ${name}: ${scopes.join(' ')}`)

  const connected = await timed(() =>
    Promise.all(
      list.value.map(async ({ name, resource }) => {
        const mcp = await timed(() => connectMcp(person.client, resource))
        const access = await person.client.accessToken(resource)
        return {
          name,
          resource,
          mcp: mcp.value,
          milliseconds: mcp.milliseconds,
          txn: access.txn,
          scopes: access.scopes,
        }
      }),
    ),
  )
  for (const { name, milliseconds, txn, scopes } of connected.value) {
    fact(`connected to ${name} with ${scopes.join(' ')}`, { milliseconds, txn })
  }
  expect(person.pagesShown() === 1, 'a second page was shown')
  expect(
    person.addressesOpened().every((address) => address.startsWith(`${demo.issuer}/`)) &&
      person.addressesOpened().length === 1,
    'the browser was opened somewhere else than at the company login',
  )
  fact('both in parallel, with zero consent pages', connected)

  for (const { name, mcp, txn } of connected.value) {
    const tool = FIRST_CALLS[name]
    if (tool === undefined) continue
    const call = await timed(() => callForText(mcp, tool))
    fact(`${name} · ${tool} → ${call.value}`, { milliseconds: call.milliseconds, txn })
  }
  const tracker = connected.value.find(({ name }) => name === 'Tracker')
  expect(tracker?.txn !== undefined, 'Tracker was not among the servers')
  return { ...person, username: 'alice', tracker: tracker.mcp, trackerUrl: tracker.resource, trackerTxn: tracker.txn }
}

/** Step 3: asking for more than policy allows gives what it allows, and names what it dropped and why. */
import type { DemoFile } from '../demo-file.ts'
import { atWork } from './people.ts'
import { expect, fact, step, timed } from './print.ts'
import type { ConnectedPerson } from './sign-in-and-connect.ts'

export async function widerThanPolicy(demo: DemoFile, { trackerUrl, username }: ConnectedPerson): Promise<void> {
  step('In her editor, Alice asks Tracker for more than policy gives')
  const everything = demo.servers.find(({ resource }) => resource === trackerUrl)?.scopes.map(({ name }) => name) ?? []
  const allowed = demo.people
    .find((person) => person.username === username)
    ?.allowed.find(({ resource }) => resource === trackerUrl)?.scopes
  const { client } = atWork(demo, username, 'Editor')
  await client.signIn()

  const asked = await timed(() => client.accessToken(trackerUrl, { scopes: everything }))
  const { scopes, droppedScopes, txn } = asked.value
  fact(`asked for ${everything.join(' ')}`)
  fact(`granted   ${scopes.join(' ')}`, { milliseconds: asked.milliseconds, txn })
  for (const { scope, reason, rule } of droppedScopes)
    fact(`dropped   ${scope}: ${reason}, by rule “${rule ?? 'nothing permits it'}”`)
  expect(
    JSON.stringify([...scopes].sort()) === JSON.stringify([...(allowed ?? [])].sort()),
    'other scopes came back than policy allows',
  )
  expect(droppedScopes.length === everything.length - scopes.length, 'a dropped scope was not named')
}

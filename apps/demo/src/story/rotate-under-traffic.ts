/** Step 4: the signing keys change while people work. */
import type { DemoFile } from '../demo-file.ts'
import type { Administration } from './administration.ts'
import { atWork, callForText, connectMcp } from './people.ts'
import { expect, fact, step, timed } from './print.ts'
import type { ConnectedPerson } from './sign-in-and-connect.ts'

const ROUNDS_BEFORE_AND_AFTER = 15

export async function rotateUnderTraffic(demo: DemoFile, alice: ConnectedPerson, admin: Administration): Promise<void> {
  step('The signing keys are rotated under traffic')
  const bob = atWork(demo, 'bob', 'Editor')
  await bob.client.signIn()
  const { trackerUrl } = alice
  let served = 0
  const failures: string[] = []

  /** One full flow: a new exchange and a new redemption, then a call with the token that came of it. */
  async function round(): Promise<void> {
    try {
      const held = await bob.client.heldAccess(trackerUrl)
      await bob.client.accessToken(trackerUrl, held && { turnedAway: { token: held.accessToken, because: 'invalid' } })
      await callForText(bobsTracker, 'list_issues')
      await callForText(alice.tracker, 'list_issues')
      served++
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }

  const bobsTracker = await connectMcp(bob.client, trackerUrl)
  for (let index = 0; index < ROUNDS_BEFORE_AND_AFTER; index++) await round()
  const [rotation] = await Promise.all([timed(() => admin.rotateSigningKeys()), round(), round()])
  for (let index = 0; index < ROUNDS_BEFORE_AND_AFTER; index++) await round()

  fact(`new keys: ${rotation.value.join(', ')}`, rotation)
  fact(`${served} rounds of exchange, redemption and two calls around it, ${failures.length} failed`)
  for (const message of new Set(failures)) fact(`  ${message}`)
  expect(failures.length === 0, 'something failed during the rotation')
  await bobsTracker.close()
}

/** Step 4: the signing keys change while people work. */
import type { Hidden } from '@carnet/protocol'
import type { DemoFile } from '../demo-file.ts'
import type { Administration } from './administration.ts'
import { atWork, callForText, connectMcp } from './people.ts'
import { expect, fact, step, timed } from './print.ts'
import type { ConnectedPerson } from './sign-in-and-connect.ts'

const ROUNDS_BEFORE_AND_AFTER = 10
/** A new key is published for a moment before it signs. */
const NEW_KEY_WITHIN_MILLISECONDS = 15_000

export async function rotateUnderTraffic(demo: DemoFile, alice: ConnectedPerson, admin: Administration): Promise<void> {
  step('The signing keys are rotated under traffic')
  const bob = atWork(demo, 'bob', 'Editor')
  await bob.client.signIn()
  const { trackerUrl } = alice
  let served = 0
  const failures: string[] = []

  /** One full flow: a new exchange and a new redemption, then a call. Answers which key signed the access token. */
  async function round(): Promise<string | undefined> {
    try {
      const held = await bob.client.heldAccess(trackerUrl)
      const turnedAway = held && { token: held.accessToken, because: 'invalid' as const }
      const { accessToken } = await bob.client.accessToken(trackerUrl, turnedAway && { turnedAway })
      await callForText(bobsTracker, 'list_issues')
      await callForText(alice.tracker, 'list_issues')
      served++
      return signedWith(accessToken)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  const bobsTracker = await connectMcp(bob.client, trackerUrl)
  for (let index = 0; index < ROUNDS_BEFORE_AND_AFTER; index++) await round()
  const start = performance.now()
  const [rotation] = await Promise.all([timed(() => admin.rotateSigningKeys()), round(), round()])
  const isNew = (kid: string | undefined) => kid !== undefined && rotation.value.includes(kid)
  let newKeySigns = false
  while (!newKeySigns && performance.now() - start < NEW_KEY_WITHIN_MILLISECONDS) newKeySigns = isNew(await round())
  const takenOver = performance.now() - start
  for (let index = 0; index < ROUNDS_BEFORE_AND_AFTER; index++) await round()

  fact(`${rotation.value.length} new keys are published`, rotation)
  expect(newKeySigns, 'no new key signed anything')
  fact('and sign, after everybody had a moment to fetch them', { milliseconds: takenOver })
  fact(`${served} rounds of exchange, redemption and two calls around it, ${failures.length} failed`)
  for (const message of new Set(failures)) fact(`  ${message}`)
  expect(failures.length === 0, 'something failed during the rotation')
  await bobsTracker.close()
}

/** The id of the key that signed a token, as its header says. */
function signedWith(token: Hidden): string | undefined {
  const [header = ''] = token.reveal().split('.', 1)
  return JSON.parse(Buffer.from(header, 'base64url').toString()).kid
}

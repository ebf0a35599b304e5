/** Step 2: somebody without access is told so, in a form to act on, and nothing else is tried. */
import type { DemoFile } from '../demo-file.ts'
import { atWork } from './people.ts'
import { expect, fact, step, timed } from './print.ts'

/** @returns the `txn` of the refusal */
export async function refusedByPolicy(demo: DemoFile): Promise<string> {
  step('Carol, a contractor, asks for Billing')
  const carol = atWork(demo, 'carol', 'Assistant')
  await carol.client.signIn()
  const billing = demo.servers.find(({ name }) => name === 'Billing')
  expect(billing !== undefined, 'demo.json lacks Billing')

  const asked = await timed(() => carol.client.connect(billing.resource))
  const outcome = asked.value
  expect(outcome.status === 'denied', `she was answered ${outcome.status}`)
  fact(`refused: ${outcome.status}, ${outcome.publicReason ?? outcome.reason}`, {
    milliseconds: asked.milliseconds,
    txn: outcome.txn,
  })
  fact(`she reads: “${outcome.sentence}”`)
  fact(`next step: ${outcome.nextStep ?? 'none'}`)
  fact(`which says: “${await headline(outcome.nextStep)}”`)
  expect(carol.addressesOpened().length === 1, 'something tried an interactive flow')
  fact('no interactive fallback: the browser was opened for the sign-in and never again')
  expect(outcome.txn !== undefined, 'the refusal had no txn')
  return outcome.txn
}

async function headline(page: string | undefined): Promise<string> {
  expect(page !== undefined, 'the refusal named no next step')
  const response = await fetch(page)
  const title = /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1]
  expect(response.ok && title !== undefined, 'the page that explains the refusal does not')
  return title
}

/** Step 5: access ends while it is in use. */
import type { Administration } from './administration.ts'
import { callForText } from './people.ts'
import { expect, fact, step, timed } from './print.ts'
import type { ConnectedPerson } from './sign-in-and-connect.ts'

const GIVE_UP_AFTER_MILLISECONDS = 10_000

export async function offboardMidSession(alice: ConnectedPerson, admin: Administration): Promise<void> {
  step('Alice is offboarded in mid-session')
  const stream = await alice.tracker.listen({ toolsListChanged: true })
  let streamClosedAt: number | undefined
  const closed = stream.closed.then((how) => {
    streamClosedAt = performance.now()
    return how
  })

  let lastSuccess = Number.NaN
  const calls = callUntilRefused(alice, (at) => {
    lastSuccess = at
  })
  await nextTurn()
  const click = performance.now()
  await admin.disablePerson(alice.username)
  const answered = performance.now()
  fact('an administrator disables her account', { milliseconds: answered - click })

  const refusal = await calls
  fact(`the next tool call fails: ${refusal.message}`)
  fact(
    `from the click to her last successful call: ${Math.max(0, lastSuccess - click).toFixed(0)} ms; to the first refusal: ${(refusal.at - click).toFixed(0)} ms`,
  )

  const exchange = await timed(() => alice.client.connect(alice.trackerUrl))
  expect(exchange.value.status !== 'connected', 'she was connected again')
  fact(`the next exchange fails: ${exchange.value.status}, ${exchange.value.publicReason ?? exchange.value.reason}`, {
    milliseconds: exchange.milliseconds,
    txn: exchange.value.txn,
  })

  const how = await withinBound(closed)
  expect(how !== 'local' && streamClosedAt !== undefined, 'her open stream stayed open')
  fact(`her open stream was closed ${(streamClosedAt - click).toFixed(0)} ms after the click`)

  await admin.enablePerson(alice.username)
  const after = await alice.client.connect(alice.trackerUrl)
  expect(after.status === 'sign-in-required', `enabled again she was answered ${after.status}`)
  fact('she is enabled again: what had ended stays ended, and she is asked to sign in anew')
}

interface CallRefusal {
  readonly message: string
  readonly at: number
}

async function callUntilRefused({ tracker }: ConnectedPerson, onSuccess: (at: number) => void): Promise<CallRefusal> {
  const deadline = performance.now() + GIVE_UP_AFTER_MILLISECONDS
  while (performance.now() < deadline) {
    try {
      await callForText(tracker, 'list_issues')
      onSuccess(performance.now())
    } catch (error) {
      return { message: error instanceof Error ? error.message : String(error), at: performance.now() }
    }
  }
  throw new Error('The story went wrong: her calls went on succeeding')
}

async function withinBound<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const bound = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), GIVE_UP_AFTER_MILLISECONDS)
  })
  try {
    return await Promise.race([promise, bound])
  } finally {
    clearTimeout(timer)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Step 6: from one id, the whole story of a chain. */
import type { Administration, TrailEvent } from './administration.ts'
import { expect, fact, step, timed } from './print.ts'

export async function tellTrail(
  admin: Administration,
  chains: { readonly refused: string; readonly successful: string },
): Promise<void> {
  step('Why, and what happened: one id leads to the whole story')
  await tell('the refused chain', chains.refused, ['session.started', 'grant.refused'], admin)
  await tell(
    'the successful chain',
    chains.successful,
    ['session.started', 'grant.issued', 'token.issued', 'call.allowed', 'person.disabled'],
    admin,
  )
}

async function tell(name: string, txn: string, types: readonly string[], admin: Administration): Promise<void> {
  const trail = await timed(() => admin.trail(txn))
  fact(`${name}: ${trail.value.length} events`, { milliseconds: trail.milliseconds, txn })
  for (const line of summary(trail.value)) fact(`  ${line}`)
  for (const type of types)
    expect(
      trail.value.some((event) => event.type === type),
      `its trail lacks ${type}`,
    )
}

/** Equal neighbours are told once, with their number. */
function summary(events: readonly TrailEvent[]): readonly string[] {
  const lines: { text: string; count: number; at: number }[] = []
  for (const event of events) {
    const text = describe(event)
    const last = lines.at(-1)
    if (last?.text === text) last.count++
    else lines.push({ text, count: 1, at: event.at })
  }
  return lines.map(
    ({ text, count, at }) =>
      `${new Date(at * 1000).toISOString().slice(11, 19)}  ${text}${count > 1 ? `  (${count} times)` : ''}`,
  )
}

function describe({ type, outcome, reason, rule, tool, grantedScopes }: TrailEvent): string {
  const details = [tool, grantedScopes?.join(' '), reason, rule && `rule ${rule}`].filter(
    (part) => part !== undefined && part !== '',
  )
  return `${type.padEnd(18)} ${outcome.padEnd(8)} ${details.join(' · ')}`.trimEnd()
}

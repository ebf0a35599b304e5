/** How the story is told: numbered steps, indented facts, measured times. */

let steps = 0

export function step(title: string): void {
  process.stdout.write(`\n${++steps}. ${title}\n`)
}

export function fact(
  text: string,
  more: { readonly milliseconds?: number; readonly txn?: string | undefined } = {},
): void {
  const time = more.milliseconds === undefined ? '' : `  ${more.milliseconds.toFixed(0)} ms`
  const txn = more.txn === undefined ? '' : `  txn ${more.txn}`
  process.stdout.write(`   ${text}${time}${txn}\n`)
}

export interface Timed<Value> {
  readonly value: Value
  readonly milliseconds: number
}

export async function timed<Value>(work: () => Promise<Value>): Promise<Timed<Value>> {
  const start = performance.now()
  const value = await work()
  return { value, milliseconds: performance.now() - start }
}

/** Stops the story where something did not happen as told. */
export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`The story went wrong: ${what}`)
}

/** Which tests proved which requirement. */
import type { Requirement } from '../requirement.ts'

export interface ObservedTest {
  readonly name: string
  readonly file: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
}

export interface Proof {
  readonly title: string
  readonly file: string
  readonly passed: boolean
}

/** The name `proves` gives a test: `[RAS-13 THR-02] refuses …`. */
const PROOF_NAME = /^\[([A-Z]+-\d+[a-z]?(?: [A-Z]+-\d+[a-z]?)*)\] (.*)$/

/** The ids in a test's name; none where it proves no requirement. */
export function provedIds(testName: string): readonly string[] {
  return PROOF_NAME.exec(testName)?.[1]?.split(' ') ?? []
}

export function collectProofs(tests: Iterable<ObservedTest>): Map<string, Proof[]> {
  const proofs = new Map<string, Proof[]>()
  for (const { name, file, state } of tests) {
    const title = PROOF_NAME.exec(name)?.[2] ?? name
    for (const id of provedIds(name)) {
      const known = proofs.get(id) ?? []
      proofs.set(id, [...known, { title, file, passed: state === 'passed' }])
    }
  }
  return proofs
}

/** Rows that claim more, or less, than the run showed. */
export function unprovedClaims(
  rows: readonly Requirement[],
  proofs: ReadonlyMap<string, readonly Proof[]>,
): readonly string[] {
  return rows.flatMap(({ id, status, reason }) => {
    const of = proofs.get(id) ?? []
    if (status === 'proved' && of.length === 0) return [`${id} is marked proved, but no test proves it`]
    if (status === 'proved' && of.some(({ passed }) => !passed))
      return [`${id} is marked proved, but a test of it did not pass`]
    if (status === 'proved' && reason !== undefined) return [`${id} is proved and still gives a reason why it is not`]
    if (status !== 'proved' && (reason ?? '') === '') return [`${id} is ${status} without a reason`]
    return []
  })
}

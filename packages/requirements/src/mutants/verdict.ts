/** Whether a mutation was noticed by the tests that must notice it, and by no others. */
import { provedIds } from '../report/proofs.ts'

export type Verdict =
  | { readonly kind: 'noticed'; readonly by: readonly string[] }
  | { readonly kind: 'unnoticed' }
  /** A rule-level test of another requirement failed too: the two rules are not tested apart. */
  | { readonly kind: 'entangled'; readonly others: readonly string[] }
  /** The tests did not even run. */
  | { readonly kind: 'broken'; readonly message: string }

/** @param failedTests - names of the rule-level tests that failed without the rule */
export function judge(requirement: string, failedTests: readonly string[]): Verdict {
  const own = failedTests.filter((name) => provedIds(name).includes(requirement))
  const others = failedTests.filter((name) => provedIds(name).length > 0 && !provedIds(name).includes(requirement))
  if (others.length > 0) return { kind: 'entangled', others }
  return own.length === 0 ? { kind: 'unnoticed' } : { kind: 'noticed', by: own }
}

/** One version of company policy, taken apart so that a decision asks only the rules that could apply. */
import { accept, type Result } from '@carnet/protocol'
import { headOf, type RuleHead } from './rule-head.ts'
import { type ParsedRule, type PolicyRefusal, validatePolicies } from './validate-policies.ts'

export interface Rule extends Pick<ParsedRule, 'text' | 'json'>, RuleHead {
  /** Its public name. */
  readonly id: string
  readonly title: string | undefined
}

export interface PolicySet {
  readonly version: string
  readonly rules: readonly Rule[]
}

/** @param version - names this text in decisions and in the audit log */
export function createPolicySet({
  text,
  version,
}: {
  readonly text: string
  readonly version: string
}): Result<PolicySet, PolicyRefusal> {
  const parsed = validatePolicies(text)
  if (!parsed.ok) return parsed
  const rules = parsed.value.map(({ text, json }) => {
    const { id = '', title } = json.annotations ?? {}
    return { id, title, text, json, ...headOf(json) }
  })
  return accept({ version, rules })
}

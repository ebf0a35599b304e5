/**
 * Decides what a client may do for a person at a server: one Cedar decision for each scope.
 *
 * Nothing is allowed that no rule permits, `forbid` wins, and an engine that cannot answer is a fault.
 *
 * @see {@link https://docs.cedarpolicy.com/auth/authorization.html Cedar authorization}
 */
import { LRUCache } from 'lru-cache'
import { type CedarRequest, cedarRequests, relevantFacts } from './cedar-request.ts'
import { decisionKey } from './decision-key.ts'
import { type Mentions, mentionsOf } from './mentions.ts'
import type { PolicySet } from './policy-set.ts'
import { ask } from './prepared-slices.ts'
import { concerns, type Slice, sliceRules, slicesFor } from './slices.ts'
import type { DroppedPolicyScope, GrantedScope, PolicyDecider, PolicyDecision, PolicyQuestion } from './types.ts'

export interface DeciderLimits {
  /** Decisions remembered. */
  readonly cachedDecisions?: number
  /** Rules parsed together, unless they are all about the same people. */
  readonly largestSlice?: number
}

const MAX_SERVERS_KNOWN = 2000

/** What the rules that could apply to one server look at. */
interface ServerRules {
  readonly slices: readonly Slice[]
  readonly mentions: Mentions
}

export function createPolicyDecider(
  { version, rules }: PolicySet,
  { cachedDecisions = 10_000, largestSlice = 64 }: DeciderLimits = {},
): PolicyDecider {
  const titles = new Map(rules.map(({ id, title }) => [id, title]))
  const allSlices = sliceRules(rules, largestSlice)
  const servers = new LRUCache<string, ServerRules>({ max: MAX_SERVERS_KNOWN })
  const decisions = new LRUCache<string, PolicyDecision>({ max: cachedDecisions })

  function rulesFor({ resource, authorizationServer }: PolicyQuestion['server']): ServerRules {
    const key = JSON.stringify([resource, authorizationServer])
    const known = servers.get(key)
    if (known !== undefined) return known
    const slices = slicesFor(allSlices, { resource, authorizationServer })
    const mentions = mentionsOf(slices.flatMap((slice) => slice.rules.map(({ json }) => json)))
    servers.set(key, { slices, mentions })
    return { slices, mentions }
  }

  return {
    decide(question) {
      const { slices, mentions } = rulesFor(question.server)
      const facts = relevantFacts(question, mentions)
      const key = decisionKey(question, facts, mentions)
      const known = decisions.get(key)
      if (known !== undefined) return known

      const applicable = slices.filter((slice) => concerns(slice, question.person))
      const requests = cedarRequests(question, facts)
      const verdicts = requests.map((request) => verdictOn(request, applicable))
      const decision = { ...sortVerdicts(question, verdicts, titles), policyVersion: version }
      decisions.set(key, decision)
      return decision
    },
  }
}

interface Verdict {
  readonly granted: boolean
  /** The deciding rule; absent where no rule says anything. */
  readonly rule: string | undefined
}

function verdictOn(request: CedarRequest, slices: readonly Slice[]): Verdict {
  const answers = slices.map((slice) => ask(slice, request))
  const forbids = answers.filter(({ allowed }) => !allowed).flatMap(({ rules }) => rules)
  if (forbids.length > 0) return { granted: false, rule: firstOf(forbids) }
  const permits = answers.flatMap(({ rules }) => rules)
  return { granted: permits.length > 0, rule: firstOf(permits) }
}

/** Of several rules that decide alike, the same one is named every time. */
function firstOf(rules: readonly string[]): string | undefined {
  return [...rules].sort()[0]
}

function sortVerdicts(
  { scopes }: PolicyQuestion,
  verdicts: readonly Verdict[],
  titles: ReadonlyMap<string, string | undefined>,
): Pick<PolicyDecision, 'granted' | 'dropped'> {
  const granted: GrantedScope[] = []
  const dropped: DroppedPolicyScope[] = []
  for (const [position, { name: scope }] of scopes.entries()) {
    const { granted: isGranted = false, rule } = verdicts[position] ?? {}
    if (isGranted && rule !== undefined) granted.push({ scope, rule })
    else if (rule === undefined)
      dropped.push({ scope, reason: 'policy.no-matching-rule', rule: undefined, ruleTitle: undefined })
    else dropped.push({ scope, reason: 'policy.forbidden', rule, ruleTitle: titles.get(rule) })
  }
  return { granted, dropped }
}

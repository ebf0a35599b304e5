/**
 * Whether a policy text may become company policy: every problem, and its place.
 *
 * A text is validated when it is written, so that deciding never meets a rule nobody checked.
 */

import { accept, Fault, type Result, refuse } from '@carnet/protocol'
import {
  type DetailedError,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs'
import { conventionProblems } from './conventions.ts'
import { POLICY_SCHEMA } from './schema.ts'

export interface PolicyProblem {
  readonly message: string
  /** The `@id` of the rule, where it is known. */
  readonly rule: string | undefined
  /** Counted from 1, in characters. */
  readonly place: { readonly line: number; readonly column: number } | undefined
}

export type PolicyRefusal = { readonly reason: 'invalid-policy'; readonly problems: readonly PolicyProblem[] }

/** One rule as written and as parsed. */
export interface ParsedRule {
  readonly text: string
  readonly json: PolicyJson
  /** Where it begins in the whole text, in UTF-8 bytes. */
  readonly offset: number
}

/** @param text - Cedar policies against `POLICY_SCHEMA` */
export function validatePolicies(text: string): Result<readonly ParsedRule[], PolicyRefusal> {
  const answer = validate({ schema: POLICY_SCHEMA, policies: { staticPolicies: text } })
  if (answer.type === 'failure') return refuseFor(answer.errors.flatMap((error) => problemsOf(error, undefined, text)))

  const rules = parseRules(text)
  const parsed = [...rules.values()]
  const problems = [
    ...[...answer.validationErrors, ...answer.validationWarnings].flatMap(({ policyId, error }) =>
      problemsOf(error, rules.get(policyId)?.json.annotations?.id, text),
    ),
    ...answer.otherWarnings.flatMap((error) => problemsOf(error, undefined, text)),
    ...conventionProblems(parsed).map(({ at, ...problem }) => ({ ...problem, place: placeOf(at, text) })),
  ]
  return problems.length === 0 ? accept(parsed) : refuseFor(problems)
}

/** In the order of the text. */
function refuseFor(problems: readonly PolicyProblem[]): Result<never, PolicyRefusal> {
  const order = ({ place }: PolicyProblem) => (place?.line ?? 0) * 1_000_000 + (place?.column ?? 0)
  return refuse({ reason: 'invalid-policy', problems: [...problems].sort((a, b) => order(a) - order(b)) })
}

/** The rules of a text that parses, by the id the engine gives each: `policy` and its position. */
function parseRules(text: string): ReadonlyMap<string, ParsedRule> {
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure')
    throw new Fault('policy-unavailable', 'The policy engine cannot take apart a valid text')
  // The engine hands the parts out sorted by those ids as text, so that policy10 comes before policy2.
  const ids = parts.policies.map((_, position) => `policy${position}`).sort()
  return new Map(
    parts.policies.map((part, position) => {
      const offset = Buffer.byteLength(text.slice(0, text.indexOf(part)))
      return [ids[position] ?? '', { text: part, json: jsonOf(part), offset }]
    }),
  )
}

function jsonOf(rule: string): PolicyJson {
  const answer = policyToJson(rule)
  if (answer.type === 'failure') throw new Fault('policy-unavailable', 'The policy engine cannot read a valid rule')
  return answer.json
}

/** The engine's own names for rules are no use to an author. */
const ENGINE_WORDS = /for policy `policy\d+`[,:] |failed to parse policies from string: /g

function problemsOf(error: DetailedError, rule: string | undefined, text: string): readonly PolicyProblem[] {
  const [location] = error.sourceLocations ?? []
  const message = [error.message, error.help === null ? '' : ` (${error.help})`].join('').replaceAll(ENGINE_WORDS, '')
  const own = { message, rule, place: location === undefined ? undefined : placeOf(location.start, text) }
  return [own, ...(error.related ?? []).flatMap((related) => problemsOf(related, rule, text))]
}

/** @param at - offset in UTF-8 bytes */
function placeOf(at: number, text: string): { readonly line: number; readonly column: number } {
  const before = Buffer.from(text).subarray(0, at).toString().split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** What Carnet asks of a rule beyond what Cedar asks. */
import { literalsIn } from './mentions.ts'
import type { ParsedRule, PolicyProblem } from './validate-policies.ts'

/** A problem with its offset in the text, in UTF-8 bytes. */
export interface ConventionProblem extends Omit<PolicyProblem, 'place'> {
  readonly at: number
}

/**
 * An annotation this list does not know may be a condition its author believes in: such a rule is refused, not
 * applied without it.
 */
const KNOWN_ANNOTATIONS = new Set(['id', 'title', 'description'])
/** A public name: it is shown to people and programs outside. */
const RULE_ID = /^[a-z0-9]+(-[a-z0-9]+)*$/
const MAX_ID_LENGTH = 64
const MAX_TITLE_LENGTH = 200

export function conventionProblems(rules: readonly ParsedRule[]): readonly ConventionProblem[] {
  const seen = new Set<string>()
  return rules.flatMap((rule) => {
    const problems = problemsOf(rule)
    const id = rule.json.annotations?.id
    if (id !== undefined && seen.has(id)) problems.push('another rule has the same @id')
    if (id !== undefined) seen.add(id)
    return problems.map((message) => ({ message, rule: id, at: rule.offset }))
  })
}

function problemsOf({ json }: ParsedRule): string[] {
  const { id, title, ...others } = json.annotations ?? {}
  const problems: string[] = []
  if (id === undefined) problems.push('a rule needs an @id: decisions name the rule that made them')
  else if (!RULE_ID.test(id) || id.length > MAX_ID_LENGTH)
    problems.push(`an @id is lower-case words joined by "-", at most ${MAX_ID_LENGTH} characters`)
  if (title !== undefined && (title === '' || title.length > MAX_TITLE_LENGTH || hasControlCharacter(title)))
    problems.push(`a @title is one line of at most ${MAX_TITLE_LENGTH} characters`)
  for (const name of Object.keys(others)) {
    if (!KNOWN_ANNOTATIONS.has(name)) problems.push(`the annotation @${name} means nothing here`)
  }
  for (const literal of literalsIn(json)) {
    if (literal.type === 'Scope' && !literal.id.includes('#'))
      problems.push('a Scope is named by the resource identifier, "#" and the scope')
  }
  return problems
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f')
}

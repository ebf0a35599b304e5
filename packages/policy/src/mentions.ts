/**
 * What a rule looks at. A cached decision may be used again only for a question that is the same in everything
 * some rule looks at, so whatever this module does not recognise counts as looked at.
 */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'

export interface Mentions {
  readonly people: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly attributes: ReadonlySet<string> | 'all'
  readonly acr: boolean
  readonly amr: boolean
  /** The ages of a sign-in, in seconds, at which a rule may change its answer; or that any second may. */
  readonly ages: ReadonlySet<number> | 'any'
}

export interface EntityLiteral {
  readonly type: string
  readonly id: string
}

class Collector {
  readonly entities: EntityLiteral[] = []
  readonly ages = new Set<number>()
  readonly attributes = new Set<string>()
  allAttributes = false
  anyAge = false
  acr = false
  amr = false
}

export function mentionsOf(rules: readonly PolicyJson[]): Mentions {
  const found = new Collector()
  for (const rule of rules) collect(rule, found)
  const idsOf = (type: string) => new Set(found.entities.filter((entity) => entity.type === type).map(({ id }) => id))
  return {
    people: idsOf('User'),
    groups: idsOf('Group'),
    attributes: found.allAttributes ? 'all' : found.attributes,
    acr: found.acr,
    amr: found.amr,
    ages: found.anyAge ? 'any' : found.ages,
  }
}

/** Every entity a rule names, in its head or its conditions. */
export function literalsIn(rule: PolicyJson): readonly EntityLiteral[] {
  const found = new Collector()
  collect(rule, found)
  return found.entities
}

function collect({ principal, action, resource, conditions }: PolicyJson, found: Collector): void {
  for (const head of [principal, action, resource]) collectLiterals(head, found)
  for (const { body } of conditions) walk(body, found)
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const

function walk(expression: unknown, found: Collector): void {
  if (Array.isArray(expression)) {
    for (const part of expression) walk(part, found)
  } else if (isRecord(expression)) {
    walkOperation(expression, found)
  }
}

function walkOperation(expression: Readonly<Record<string, unknown>>, found: Collector): void {
  const path = pathOf(expression)
  const threshold = ageThreshold(expression)
  if (path !== undefined) lookAt(path, found)
  else if (threshold !== undefined) found.ages.add(threshold)
  else if ('Value' in expression) collectLiterals(expression.Value, found)
  else {
    for (const operator of ['getTag', 'hasTag']) {
      const operation = expression[operator]
      if (isRecord(operation)) lookAtTag(operation, found)
    }
    for (const part of Object.values(expression)) walk(part, found)
  }
}

/** `context.login.acr` as its names, also under `has`; undefined where the expression is something else. */
function pathOf(expression: unknown): readonly string[] | undefined {
  if (!isRecord(expression)) return undefined
  if (expression.Var === 'context') return ['context']
  const access = isRecord(expression['.']) ? expression['.'] : expression.has
  if (!isRecord(access)) return undefined
  const left = pathOf(access.left)
  return left === undefined ? undefined : [...left, ...[access.attr].flat().map(String)]
}

function lookAt([, member, field]: readonly string[], found: Collector): void {
  const whole = member === undefined || (member === 'login' && field === undefined)
  if (!whole && member !== 'login') return
  if (whole || field === 'acr') found.acr = true
  if (whole || field === 'amr') found.amr = true
  if (whole || field === 'ageSeconds') found.anyAge = true
}

/** The number in a comparison of the age of the sign-in with a number. */
function ageThreshold(expression: Record<string, unknown>): number | undefined {
  for (const operator of COMPARISONS) {
    const comparison = expression[operator]
    if (!isRecord(comparison)) continue
    const { left, right } = comparison
    const [age, limit] = isAge(left) ? [left, right] : [right, left]
    if (isAge(age) && isRecord(limit) && typeof limit.Value === 'number') return limit.Value
  }
  return undefined
}

function isAge(expression: unknown): boolean {
  return pathOf(expression)?.join('.') === 'context.login.ageSeconds' && isRecord(expression) && '.' in expression
}

function lookAtTag({ right }: Record<string, unknown>, found: Collector): void {
  if (isRecord(right) && typeof right.Value === 'string') found.attributes.add(right.Value)
  else found.allAttributes = true
}

function collectLiterals(value: unknown, found: Collector): void {
  if (Array.isArray(value)) {
    for (const part of value) collectLiterals(part, found)
    return
  }
  if (!isRecord(value)) return
  const { type, id } = value
  if (typeof type === 'string' && typeof id === 'string') found.entities.push({ type, id })
  for (const part of Object.values(value)) collectLiterals(part, found)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

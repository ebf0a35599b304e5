/**
 * Asks the Cedar engine, with each slice parsed once.
 *
 * The engine keeps parsed sets by name for the life of the process and cannot drop one, so the least recently used
 * name is given to the next slice.
 */
import './safe-wasm-calls.ts'
import { randomUUID } from 'node:crypto'
import { Fault } from '@carnet/protocol'
import { preparsePolicySet, type Response, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { LRUCache } from 'lru-cache'
import type { CedarRequest } from './cedar-request.ts'
import type { Slice } from './slices.ts'

const MAX_PREPARED = 2000

/** Another copy of this module in the process shares the engine and must not share the names. */
const OWNER = randomUUID()
let namesMade = 0
const freeNames: string[] = []
const prepared = new LRUCache<Slice, string>({ max: MAX_PREPARED, dispose: (name) => freeNames.push(name) })

/** The rules of one slice that decide: permits if any is satisfied, but only forbids if one of those is. */
export interface SliceAnswer {
  readonly allowed: boolean
  /** Ids of the satisfied rules of the deciding kind. */
  readonly rules: readonly string[]
}

/**
 * @throws {Fault} `policy-unavailable` where the engine fails, or a rule cannot be evaluated: Cedar would pass over
 * that rule, and passing over a `forbid` allows
 */
export function ask(slice: Slice, request: CedarRequest): SliceAnswer {
  const preparedPolicySetId = nameOf(slice)
  const { decision, diagnostics } = answerOf(() =>
    statefulIsAuthorized({ ...request, preparsedPolicySetId: preparedPolicySetId }),
  )
  const [failed] = diagnostics.errors
  if (failed !== undefined) {
    throw new Fault('policy-unavailable', `The rule ${failed.policyId} cannot be evaluated: ${failed.error.message}`)
  }
  return { allowed: decision === 'allow', rules: diagnostics.reason }
}

function nameOf(slice: Slice): string {
  const known = prepared.get(slice)
  if (known !== undefined) return known
  const name = freeNames.pop() ?? `${OWNER}/${namesMade++}`
  const staticPolicies = Object.fromEntries(slice.rules.map(({ id, text }) => [id, text]))
  const answer = preparsePolicySet(name, { staticPolicies })
  if (answer.type === 'failure') {
    freeNames.push(name)
    throw unavailable(answer.errors.map(({ message }) => message).join('; '))
  }
  prepared.set(slice, name)
  return name
}

type Answer = ReturnType<typeof statefulIsAuthorized>

function answerOf(asking: () => Answer): Response {
  let answer: Answer
  try {
    answer = asking()
  } catch (cause) {
    // Whatever the engine throws, a trap of its WebAssembly included, it has not decided.
    throw unavailable('it threw', cause)
  }
  if (answer.type === 'failure') throw unavailable(answer.errors.map(({ message }) => message).join('; '))
  return answer.response
}

function unavailable(what: string, cause?: unknown): Fault {
  return new Fault('policy-unavailable', `The policy engine cannot answer: ${what}`, { cause })
}

/**
 * Decisions by company policies of several sizes: remembered ones, and ones that must be asked of Cedar.
 *
 * Rules are written by hand here, for groups and servers as a company would; nothing compiles them yet.
 */

import { createPolicyDecider, createPolicySet, type PolicyQuestion, type PolicySet } from '@carnet/policy'
import type { ClientId, IssuerId, PersonId, ResourceId, Scope } from '@carnet/protocol'
import { generateSigningKey, signJwt, verifySignature } from '@carnet/tokens'
import type { Benchmark } from '../benchmark.ts'
import { medians, microsecondsPerCall, repeated } from '../micro.ts'
import { rounded } from '../statistics.ts'

const SIZES = [20, 200, 2000] as const
const SERVERS = 200
const GROUPS = 500
const GROUPS_OF_A_PERSON = 10
const PEOPLE = 500

export const policy: Benchmark = async ({ rounds }) => {
  const key = await generateSigningKey('ES256')
  const token = signJwt({ iss: 'https://issuer.example' }, { typ: 'JWT', key })
  const lines: string[] = []
  const figures: Record<string, object> = {}
  for (const size of SIZES) {
    const { set, millisecondsToRead } = readPolicy(size)
    const remembering = createPolicyDecider(set)
    const forgetful = createPolicyDecider(set, { cachedDecisions: 1 })
    let number = 0
    const samples = await microsecondsPerCall(
      {
        remembered: repeated(() => remembering.decide(question(7))),
        // Never the same person twice running, so that the one remembered decision never fits.
        asked: repeated(() => forgetful.decide(question(number++))),
        verifyAlone: repeated(() => verifySignature(token, key)),
      },
      { rounds: Math.max(3, rounds), millisecondsPerRound: 300 },
    )
    const { remembered, asked, verifyAlone } = medians(samples)
    lines.push(
      `policy, ${size} rules: ${rounded(remembered)} µs remembered, ${rounded(asked)} µs asked ` +
        `(${rounded(1e6 / asked)} decisions/s; ${rounded(asked / verifyAlone)} of one verification); ` +
        `read in ${Math.round(millisecondsToRead)} ms`,
    )
    figures[size] = {
      microseconds: { remembered: rounded(remembered), asked: rounded(asked), verifyAlone: rounded(verifyAlone) },
      millisecondsToRead: Math.round(millisecondsToRead),
      rounds: samples,
    }
  }
  return {
    lines: [...lines, 'policy: every decision is asked of Cedar or remembered; nothing is compiled yet'],
    figures,
  }
}

function readPolicy(size: number): { readonly set: PolicySet; readonly millisecondsToRead: number } {
  const text = policyText(size)
  const started = performance.now()
  const set = createPolicySet({ text, version: `bench-${size}` })
  if (!set.ok) throw new Error(JSON.stringify(set.refusal))
  return { set: set.value, millisecondsToRead: performance.now() - started }
}

/** One rule in fifty is about everybody; the others give one group something at one server. */
function policyText(size: number): string {
  return Array.from({ length: size }, (_, n) =>
    n % 50 === 49
      ? `@id("rule-${n}")\nforbid (principal, action == Action::"use", resource)\nwhen { resource.risk >= 3 }\nunless { principal in Group::"group-${n % GROUPS}" };`
      : `@id("rule-${n}")\npermit (principal in Group::"group-${(n * 7) % GROUPS}", action == Action::"use", resource in Server::"${resource(n)}")\nwhen { resource.class == Class::"${n % 3 === 0 ? 'write' : 'read'}" };`,
  ).join('\n')
}

function question(n: number): PolicyQuestion {
  return {
    person: {
      id: `person-${n % PEOPLE}` as PersonId,
      groups: Array.from({ length: GROUPS_OF_A_PERSON }, (_, at) => `group-${(n * 7 + at * 31) % GROUPS}`),
      attributes: { department: `department-${n % 20}` },
    },
    client: { id: 'assistant' as ClientId },
    server: {
      resource: resource(n),
      authorizationServer: `https://as-${n % SERVERS}.example` as IssuerId,
      environment: 'production',
    },
    scopes: [
      { name: 'issues.read' as Scope, class: 'read' },
      { name: 'issues.write' as Scope, class: 'write' },
    ],
    authentication: { acr: '0', amr: ['pwd'], ageSeconds: 60 },
  }
}

function resource(n: number): ResourceId {
  return `https://server-${n % SERVERS}.example/mcp` as ResourceId
}

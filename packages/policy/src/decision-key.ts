/** Tells apart questions that some rule could answer differently, and no others. */
import type { RelevantFacts } from './cedar-request.ts'
import type { Mentions } from './mentions.ts'
import type { PolicyQuestion } from './types.ts'

/**
 * INVARIANT (decision key): two questions with equal keys get equal decisions from the rules the mentions were
 * taken from. Everything a rule can look at is in the key, unless no rule looks at it.
 */
export function decisionKey(question: PolicyQuestion, facts: RelevantFacts, mentions: Mentions): string {
  const { person, client, server, scopes, authentication } = question
  return JSON.stringify([
    mentions.people.has(person.id) ? person.id : null,
    facts.groups,
    facts.attributes,
    client.id,
    server.resource,
    server.authorizationServer,
    server.environment,
    scopes.map(({ name, class: scopeClass }) => [name, scopeClass]),
    mentions.acr ? authentication.acr : null,
    mentions.amr ? [...new Set(authentication.amr)].sort() : null,
    ageBucket(authentication.ageSeconds, mentions.ages),
  ])
}

/** Ages between the same two thresholds are alike; an age that is a threshold is like no other. */
function ageBucket(ageSeconds: number, ages: Mentions['ages']): string {
  if (ages === 'any') return String(ageSeconds)
  const passed = [...ages].filter((threshold) => threshold < ageSeconds).length
  return `${passed}${ages.has(ageSeconds) ? '=' : ''}`
}

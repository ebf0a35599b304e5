/** A question as Cedar takes it. Values travel as JSON; no policy text is ever made from them. */
import type { Context, EntityJson, EntityUid } from '@cedar-policy/cedar-wasm/nodejs'
import type { Mentions } from './mentions.ts'
import { riskOf, scopeEntityId } from './schema.ts'
import type { PolicyQuestion } from './types.ts'

export interface CedarRequest {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly context: Context
  readonly entities: EntityJson[]
}

/** The person's groups and attributes that some rule looks at. */
export interface RelevantFacts {
  readonly groups: readonly string[]
  readonly attributes: readonly (readonly [name: string, value: string])[]
}

export function relevantFacts({ person }: PolicyQuestion, { groups, attributes }: Mentions): RelevantFacts {
  return {
    groups: [...new Set(person.groups)].filter((group) => groups.has(group)).sort(),
    attributes: Object.entries(person.attributes)
      .filter(([name]) => attributes === 'all' || attributes.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  }
}

/** One request for each scope, in order. */
export function cedarRequests(question: PolicyQuestion, facts: RelevantFacts): readonly CedarRequest[] {
  const { person, client, server, scopes, authentication } = question
  const principal = { type: 'User', id: person.id }
  const serverUid = { type: 'Server', id: server.resource }
  const context = {
    client: { __entity: { type: 'Client', id: client.id } },
    environment: { __entity: { type: 'Environment', id: server.environment } },
    login: { acr: authentication.acr, amr: [...authentication.amr], ageSeconds: authentication.ageSeconds },
  }
  const around: EntityJson[] = [
    {
      uid: principal,
      attrs: {},
      tags: Object.fromEntries(facts.attributes),
      parents: facts.groups.map((id) => ({ type: 'Group', id })),
    },
    { uid: serverUid, attrs: {}, parents: [{ type: 'AuthorizationServer', id: server.authorizationServer }] },
  ]
  return scopes.map((scope) => {
    const resource = { type: 'Scope', id: scopeEntityId(server.resource, scope.name) }
    const attrs = {
      name: scope.name,
      class: { __entity: { type: 'Class', id: scope.class } },
      risk: riskOf(scope.class),
    }
    return {
      principal,
      action: { type: 'Action', id: 'use' },
      resource,
      context,
      entities: [...around, { uid: resource, attrs, parents: [serverUid] }],
    }
  })
}

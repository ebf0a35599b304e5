/** The question policy answers, and the answer. */
import type { ClientId, IssuerId, PersonId, ResourceId, Scope } from '@carnet/protocol'

/** May this client act for this person at this server, with what? Everything a rule may look at is here. */
export interface PolicyQuestion {
  readonly person: {
    readonly id: PersonId
    readonly groups: readonly string[]
    readonly attributes: Readonly<Record<string, string>>
  }
  readonly client: { readonly id: ClientId }
  readonly server: {
    readonly resource: ResourceId
    readonly authorizationServer: IssuerId
    readonly environment: 'production' | 'sandbox'
  }
  /** Scopes of this server that are wanted; each is decided by itself. */
  readonly scopes: readonly { readonly name: Scope; readonly class: 'read' | 'write' | 'destructive' | 'sensitive' }[]
  /** How the person signed in. */
  readonly authentication: { readonly acr: string; readonly amr: readonly string[]; readonly ageSeconds: number }
}

export interface GrantedScope {
  readonly scope: Scope
  /** The id of a permit that allowed it. */
  readonly rule: string
}

export interface DroppedPolicyScope {
  readonly scope: Scope
  readonly reason: 'policy.no-matching-rule' | 'policy.forbidden'
  /** The forbid that decided; absent where simply nothing permits. */
  readonly rule: string | undefined
  /** The rule's public title, from its `@title` annotation. */
  readonly ruleTitle: string | undefined
}

export interface PolicyDecision {
  readonly granted: readonly GrantedScope[]
  readonly dropped: readonly DroppedPolicyScope[]
  readonly policyVersion: string
}

/** Decides. Nothing is allowed that no rule permits, and `forbid` wins. */
export interface PolicyDecider {
  /** @throws {Fault} `policy-unavailable` where the engine cannot answer; never an allowing default */
  decide(question: PolicyQuestion): PolicyDecision
}

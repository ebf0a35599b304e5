/** How people prove who they are: a port, because a company has its own way. */
import type { AuthenticationContext } from '@carnet/directory'
import type { Form } from '@carnet/http'
import type { EpochSeconds, PersonId, Result } from '@carnet/protocol'

/** One sign-in under way. */
export interface SignInRequest {
  /** Where the page's form goes. */
  readonly action: string
  /** The client that wants the person signed in, by the name an administrator gave it. */
  readonly clientName: string
  /** Attacker-controlled. */
  readonly loginHint: string | undefined
  /** What the client wishes for, in its order of preference; attacker-controlled. */
  readonly acrValues: readonly string[]
  /** Where a submitted form may lead, as sources of a content security policy. */
  readonly formTargets: readonly string[]
  /** The peer, as `sourceOf` says. */
  readonly source: string
  readonly now: EpochSeconds
}

export interface SignedIn {
  readonly person: PersonId
  readonly authentication: AuthenticationContext
}

/** What the browser gets next. */
export type SignInStep =
  | { readonly kind: 'page'; readonly status: number; readonly html: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'redirect'; readonly location: string }

export interface SignInRefusal {
  /** For the audit log, kebab-case. */
  readonly reason: string
  /** Printable facts for the audit log; never what was typed as a secret. */
  readonly facts: Readonly<Record<string, string | number>>
  readonly next: SignInStep
}

export interface SignInMethod {
  /** The name under which what it vouches for is recorded. */
  readonly upstream: string
  /** The `acr` values it can assert. */
  readonly acrValues: readonly string[]
  /** Refused in production. */
  readonly forDemonstrationOnly: boolean
  begin(request: SignInRequest): Promise<SignInStep>
  /** @throws {Fault} when it cannot say: neither signed in nor refused */
  complete(request: SignInRequest, form: Form): Promise<Result<SignedIn, SignInRefusal>>
}

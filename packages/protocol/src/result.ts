/**
 * Saying no: a *refusal* is the caller's to hear, a *fault* is the operator's.
 *
 * A refusal is returned, so the compiler makes every caller look at it. A fault is thrown, so nobody can
 * mistake a dependency's outage for a decision.
 */

/** Either an accepted value or a refusal from a closed union tagged by `reason`. */
export type Result<Value, Refusal> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal }

export function accept(): Result<undefined, never>
export function accept<Value>(value: Value): Result<Value, never>
export function accept<Value>(value?: Value): Result<Value | undefined, never> {
  return { ok: true, value }
}

export function refuse<const Refusal>(refusal: Refusal): Result<never, Refusal> {
  return { ok: false, refusal }
}

/** What went wrong on our side of the wire. Closed: an operator's alert rules may name these. */
export type FaultCode =
  | 'keys-unavailable'
  | 'store-unavailable'
  | 'store-locked'
  | 'peer-unavailable'
  | 'peer-misbehaved'
  | 'policy-unavailable'
  | 'feed-stale'
  | 'audit-unavailable'
  | 'clock-unreliable'
  | 'configuration-invalid'
  | 'overloaded'
  | 'internal'

/**
 * A failure of this process or of something it depends on. Never the client's fault: the edge answers it
 * with a 5xx and issues nothing.
 */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  /** When trying again may help, in seconds; becomes `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  /** @param message - for the operator; must hold no token, secret or query string */
  constructor(code: FaultCode, message: string, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAfterSeconds = options?.retryAfterSeconds
  }
}

/** Marks a state the types rule out. */
export function assertNever(value: never): never {
  throw new Error(`Unreachable: ${JSON.stringify(value)}`)
}

/** What every package needs from outside: time, randomness, the network and a log. Always injected. */
import type { EpochSeconds } from './ids.ts'

/** The clock of this process. A handler reads it once and passes `now` on. */
export interface Clock {
  now(): EpochSeconds
}

/** Cryptographically strong randomness. */
export interface Random {
  /** @param byteCount - how many random bytes; 16 for anything that must be unguessable */
  bytes(byteCount: number): Uint8Array
  /** The same as base64url text without padding. */
  token(byteCount: number): string
}

/** Calls back later, in the time of whoever made it. */
export interface Timer {
  /** Calls `callback` once, `seconds` (a fraction is fine) from now, unless it is called off before. */
  after(seconds: number, callback: () => void): Unsubscribe
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST'
  /** Attacker-influenced unless it comes from configuration. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** With `json`, a successful answer of another content type counts as misbehaviour. */
  readonly expects?: 'json'
  /** Largest response body to read, in bytes. */
  readonly maxBytes: number
}

export interface OutboundResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/**
 * The only way out to the network: https only, no redirects, special-use addresses refused, address pinned
 * after DNS, bounded in time and size.
 */
export interface OutboundHttp {
  /**
   * @throws {Fault} `peer-unavailable` when the peer does not answer in time, `peer-misbehaved` when it answers
   * beyond a bound or its address is not allowed
   */
  send(request: OutboundRequest): Promise<OutboundResponse>
}

/** Structured log. Field values must be printable facts: tokens and secrets have types that do not print. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields & { readonly error?: unknown }): void
}

export type LogFields = Readonly<Record<string, unknown>>

/** Remembers one-time identifiers. */
export interface ReplayGuard {
  /**
   * Claims `id` in one atomic step. There is deliberately no way to ask without claiming.
   *
   * @param scope - keeps apart identifiers of different issuers and kinds: `<kind>:<issuer or client>`
   * @param until - when the claim may be forgotten, in seconds since the epoch
   * @returns `first` to exactly one caller, `seen` to every other
   * @throws {Fault} `store-unavailable`: the caller must then refuse to act
   */
  claim(scope: string, id: string, until: EpochSeconds): Promise<'first' | 'seen'>
}

/** Ends what `subscribe`-like calls began. Calling it twice is harmless. */
export type Unsubscribe = () => void

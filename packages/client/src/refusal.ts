/** How steps inside this library say no; at its edge each becomes an outcome or one thrown error. */
import { isPublicReason, type PublicReason, type Result, refuse, sentenceOf, type Txn } from '@carnet/protocol'
import { CLIENT_REASONS, type ClientErrorCode, type ClientReason } from './reasons.ts'

export type Leg = 'sign-in' | 'discovery' | 'exchange' | 'redeem' | 'list'

export interface Refusal {
  readonly reason: ClientReason
  readonly leg: Leg
  /** What the authorization server said, where it is one of the codes Carnet servers publish. */
  readonly publicReason?: PublicReason
  /** Where the person reads why and may ask for access: an http(s) URL from the server that refused. */
  readonly nextStep?: string
  /** The id of the exchange, to quote to an administrator. */
  readonly txn?: Txn
  readonly retryAfterSeconds?: number
  readonly stepUp?: StepUp
}

/** What the sign-in must look like for another try to succeed. */
export interface StepUp {
  readonly acrValues?: string
  readonly maxAgeSeconds?: number
}

export type Step<Value> = Result<Value, Refusal>

export function stop(leg: Leg, reason: ClientReason, more?: Omit<Refusal, 'leg' | 'reason'>): Step<never> {
  return refuse({ reason, leg, ...more })
}

export function codeOf({ reason }: Refusal): ClientErrorCode {
  return CLIENT_REASONS[reason].code
}

/** The sentence for the person: the server's own fixed one where it gave a published code, else ours. */
export function sentenceFor({ reason, publicReason }: Refusal): string {
  return publicReason === undefined ? CLIENT_REASONS[reason].sentence : sentenceOf(publicReason)
}

export function publicReasonOf(value: unknown): PublicReason | undefined {
  return isPublicReason(value) ? value : undefined
}

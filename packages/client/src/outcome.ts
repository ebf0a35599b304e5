/** What `connect` answers, and the one error everything else throws. */
import type {
  DroppedScope,
  EpochSeconds,
  Hidden,
  IssuerId,
  PublicReason,
  ResourceId,
  Scope,
  Txn,
} from '@carnet/protocol'
import type { ClientErrorCode, ClientReason } from './reasons.ts'
import { codeOf, type Leg, type Refusal, type StepUp, sentenceFor } from './refusal.ts'

/** An access token for one MCP server. */
export interface Access {
  readonly accessToken: Hidden
  readonly resource: ResourceId
  readonly authorizationServer: IssuerId
  /** What was granted: possibly less than was asked for. */
  readonly scopes: readonly Scope[]
  /** What was asked for and not granted, and by which rule. */
  readonly droppedScopes: readonly DroppedScope[]
  readonly expiresAt: EpochSeconds
  readonly txn: Txn | undefined
}

export interface Connected extends Access {
  readonly status: 'connected'
}

/** Why there is no connection. `status` is what to switch on; `sentence` is for the person. */
export interface NotConnected {
  readonly status: ClientErrorCode
  readonly reason: ClientReason
  readonly publicReason: PublicReason | undefined
  readonly sentence: string
  /** Where the person reads why and may ask for access. From the server that refused; open it only when asked to. */
  readonly nextStep: string | undefined
  readonly txn: Txn | undefined
  readonly leg: Leg
  readonly retryAfterSeconds: number | undefined
  readonly stepUp: StepUp | undefined
}

export type Outcome = Connected | NotConnected

export function notConnected(refusal: Refusal): NotConnected {
  return {
    status: codeOf(refusal),
    reason: refusal.reason,
    publicReason: refusal.publicReason,
    sentence: sentenceFor(refusal),
    nextStep: refusal.nextStep,
    txn: refusal.txn,
    leg: refusal.leg,
    retryAfterSeconds: refusal.retryAfterSeconds,
    stepUp: refusal.stepUp,
  }
}

/** The one error this library throws for what a caller can do something about. */
export class CarnetClientError extends Error {
  override readonly name = 'CarnetClientError'
  readonly code: ClientErrorCode
  readonly outcome: NotConnected

  constructor(refusal: Refusal) {
    super(sentenceFor(refusal))
    this.outcome = notConnected(refusal)
    this.code = this.outcome.status
  }
}

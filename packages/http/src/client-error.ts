/**
 * What a caller that could not be authenticated is told, and what the audit log is.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749 §5.2}
 */
import {
  assertNever,
  type EpochSeconds,
  type IssuerId,
  type OAuthError,
  quoted,
  type SecurityEvent,
  type Txn,
} from '@carnet/protocol'
import type { ClientRefusal } from './authenticate-client.ts'
import { fixedError } from './fixed-errors.ts'

/** One answer for every failed authentication: it does not say whether the client exists (THR-18). */
export function clientError(refusal: ClientRefusal): OAuthError {
  switch (refusal.reason) {
    case 'several-mechanisms':
    case 'client-id-mismatch':
    case 'client-assertion-missing':
    case 'unsupported-client-assertion-type':
      return fixedError('invalid_request')
    case 'rate-limited':
      return fixedError('temporarily_unavailable', { status: 429, retryAfterSeconds: refusal.retryAfterSeconds })
    case 'no-credentials':
    case 'unsupported-authorization-scheme':
    case 'malformed-basic-credentials':
    case 'malformed-client-assertion':
    case 'unknown-client':
    case 'client-disabled':
    case 'method-not-registered':
    case 'wrong-secret':
    case 'malformed':
    case 'unacceptable-algorithm':
    case 'unknown-critical-header':
    case 'unknown-key':
    case 'bad-signature':
    case 'assertion-of-other-type':
    case 'assertion-invalid-claims':
    case 'assertion-wrong-issuer':
    case 'assertion-wrong-audience':
    case 'assertion-expired':
    case 'assertion-not-yet-valid':
    case 'assertion-lifetime-too-long':
    case 'assertion-replayed':
      return fixedError('invalid_client', { challengeBasic: refusal.authorizationTried })
    default:
      return assertNever(refusal)
  }
}

const LONGEST_CLAIMED_ID = 40
const EXCERPT = 16

/** A longer one may be a secret or token in the wrong place: its beginning is enough to recognise it by. */
function claimedId(claimed: string): string {
  return quoted(claimed, claimed.length > LONGEST_CLAIMED_ID ? EXCERPT : LONGEST_CLAIMED_ID)
}

/** The event of a failed authentication; `undefined` where an earlier one already speaks for a flood. */
export function clientRefusedEvent(
  refusal: ClientRefusal,
  { reporter, at, txn }: { readonly reporter: IssuerId; readonly at: EpochSeconds; readonly txn: Txn },
): SecurityEvent | undefined {
  const count = refusal.reason === 'rate-limited' ? refusal.count : 1
  if (count === 0) return undefined
  return {
    type: refusal.reason === 'rate-limited' ? 'request.rate-limited' : 'client-authentication.refused',
    outcome: 'refused',
    reporter,
    at,
    txn,
    reason: refusal.reason,
    ...(refusal.client !== undefined && { client: refusal.client }),
    details: {
      count,
      ...(refusal.claimedClient !== undefined && { claimed_client: claimedId(refusal.claimedClient) }),
    },
  }
}

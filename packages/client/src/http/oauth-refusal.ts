/** What an OAuth error says beyond its code, as far as it can be passed on. */
import { type OAuthErrorResponse, parseTxn } from '@carnet/protocol'
import { publicReasonOf, type Refusal } from '../refusal.ts'
import { browserUrl } from './urls.ts'

/**
 * @param error - from a server; `error_description` is left out, because it is free text of somebody else's
 */
export function explanationIn(
  error: OAuthErrorResponse,
): Pick<Refusal, 'publicReason' | 'nextStep' | 'txn' | 'stepUp'> {
  const publicReason = publicReasonOf(error.carnet_reason)
  const nextStep = error.error_uri === undefined ? undefined : browserUrl(error.error_uri)
  const txn = parseTxn(error.txn)
  return {
    ...(publicReason !== undefined && { publicReason }),
    ...(nextStep !== undefined && { nextStep }),
    ...(txn !== undefined && { txn }),
    ...(error.error === 'insufficient_user_authentication' && {
      stepUp: {
        ...(error.acr_values !== undefined && { acrValues: error.acr_values }),
        ...(error.max_age !== undefined && { maxAgeSeconds: error.max_age }),
      },
    }),
  }
}

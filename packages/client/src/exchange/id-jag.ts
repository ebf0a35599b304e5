/**
 * Looks into an ID-JAG before presenting it. This is no trust decision: it keeps a grant that was issued for
 * something else from being sent where it does not belong.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-9.8.1.1 ID-JAG §9.8.1.1}
 */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  ID_JAG_JWT_TYPE,
  type IssuerId,
  idJagClaims,
  resourceKey,
} from '@carnet/protocol'
import { peekJwt } from '@carnet/tokens'
import { type Step, stop } from '../refusal.ts'
import { unverifiedPayload } from '../unverified-payload.ts'

export interface ExpectedIdJag {
  readonly audience: IssuerId
  /** This client's id at `audience`, not at the issuer. */
  readonly client: ClientId
  readonly resource: string
  /** The issuer's time, so that a wrong clock of this machine discards nothing. */
  readonly issuerNow: EpochSeconds
}

/** @param assertion - the token exchange's answer */
export function checkIdJag(assertion: string, expected: ExpectedIdJag): Step<undefined> {
  if (assertion.split('.').length === ENCRYPTED_PARTS) return accept()
  if (peekJwt(assertion)?.typ !== ID_JAG_JWT_TYPE) return stop('exchange', 'not-an-id-jag')
  const claims = idJagClaims.safeParse(unverifiedPayload(assertion))
  if (!claims.success) return stop('exchange', 'not-an-id-jag')

  const { aud, client_id, resource, exp, cnf } = claims.data
  if (aud !== expected.audience) return stop('exchange', 'id-jag-mismatch')
  if (client_id !== expected.client) return stop('exchange', 'id-jag-mismatch')
  if (resource !== undefined && !names(resource, expected.resource)) return stop('exchange', 'id-jag-mismatch')
  if (exp <= expected.issuerNow) return stop('exchange', 'id-jag-mismatch')
  // Bound to a key that this client did not offer: somebody else's.
  if (cnf !== undefined) return stop('exchange', 'id-jag-mismatch')
  return accept()
}

const ENCRYPTED_PARTS = 5

function names(resource: string | readonly string[], expected: string): boolean {
  const keys = (typeof resource === 'string' ? [resource] : resource).map(resourceKey)
  return keys.includes(resourceKey(expected))
}

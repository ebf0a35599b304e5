/**
 * Lets a client end an access token of its own.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009 §2}
 */
import { type Answer, fixedError, oauthErrorAnswer } from '@carnet/http'
import { type AccessTokenClaims, type EpochSeconds, type Result, SOLE_TENANT, type Txn } from '@carnet/protocol'
import { tokenRevoked } from '../events.ts'
import type { ResourceAsClient, ResourceAsPorts } from '../ports.ts'
import { catchUp } from '../revocations.ts'
import { type OwnTokenRefusal, resourcesOf } from './own-token.ts'

const DONE: Answer = { status: 200, headers: { 'cache-control': 'no-store' }, body: '' }
const CLOCK_ALLOWANCE_SECONDS = 120

export interface RevocationRequest {
  readonly token: Result<AccessTokenClaims, OwnTokenRefusal>
  readonly client: ResourceAsClient
  readonly now: EpochSeconds
  readonly txn: Txn
}

/** A token that is not ours, or not alive, is as revoked as it can be: 200 (RFC 7009 §2.2). */
export async function answerRevocation(
  { token, client, now, txn }: RevocationRequest,
  { revocations, events }: Pick<ResourceAsPorts, 'revocations' | 'events'>,
): Promise<Answer> {
  if (!token.ok) return DONE
  const claims = token.value
  if (claims.client_id !== client.id || (claims.tenant ?? SOLE_TENANT) !== client.tenant) {
    return oauthErrorAnswer(fixedError('invalid_grant'), txn)
  }
  await revocations.append({
    id: `token:${claims.jti}`,
    tenant: client.tenant,
    target: { kind: 'token', token: claims.jti },
    keepSeconds: Math.max(0, claims.exp - now) + CLOCK_ALLOWANCE_SECONDS,
    reason: 'revoked-by-client',
    eventId: txn,
  })
  await catchUp(revocations)
  for (const resource of resourcesOf(claims)) {
    const facts = { reporter: claims.iss, at: now, txn: claims.txn ?? txn, client }
    await events.record(tokenRevoked(facts, { id: claims.jti, resource }))
  }
  return DONE
}

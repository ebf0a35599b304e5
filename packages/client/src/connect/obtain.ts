/**
 * Both legs, in order: exchange at the company's IdP, redemption at the server's authorization server.
 *
 * An ID-JAG lives in a local variable between the two and is presented once (CLI-14).
 */
import { type AuthorizationServerMetadata, accept, type EpochSeconds, type ResourceId } from '@carnet/protocol'
import type { Settings } from '../config.ts'
import { exchange, type Grant, type Wanted } from '../exchange/exchange.ts'
import { droppedOf } from '../exchange/scopes.ts'
import { type Redeemed, redeem, refusedRedemption } from '../redeem/redeem.ts'
import type { Step } from '../refusal.ts'
import type { Identity } from '../sign-in/identity.ts'
import { type HeldAccess, renewalTime } from './access-cache.ts'

export interface Parties {
  readonly issuer: AuthorizationServerMetadata
  readonly authorizationServer: AuthorizationServerMetadata
  /** The signed-in person, with an ID Token renewed first when `renewed` asks for it. */
  readonly identity: (renewed: boolean) => Promise<Step<Identity>>
}

export async function obtainAccess(wanted: Wanted, parties: Parties, settings: Settings): Promise<Step<HeldAccess>> {
  const first = await grantFor(wanted, parties, settings)
  if (!first.ok) return first
  const answer = await redeem(wanted, first.value, parties.authorizationServer, settings)
  if (!answer.ok) return answer
  if (answer.value.kind === 'redeemed') return accept(accessOf(wanted, first.value, answer.value.token, settings))

  // The assertion may have been used up by a lost answer or outlived in transit: one more, and it is a fresh one.
  const second = await grantFor(wanted, parties, settings)
  if (!second.ok) return second
  const again = await redeem(wanted, second.value, parties.authorizationServer, settings)
  if (!again.ok) return again
  if (again.value.kind === 'redeemed') return accept(accessOf(wanted, second.value, again.value.token, settings))
  return refusedRedemption(again.value.error)
}

/** An ID-JAG. A subject token that is not accepted is renewed once. */
async function grantFor(wanted: Wanted, parties: Parties, settings: Settings): Promise<Step<Grant>> {
  const identity = await parties.identity(false)
  if (!identity.ok) return identity
  const grant = await exchange(wanted, identity.value.idToken, parties.issuer, settings)
  if (grant.ok || grant.refusal.reason !== 'sign-in-ended') return grant
  const renewed = await parties.identity(true)
  // The issuer's own words say more than ours, unless the renewal failed for another reason.
  if (!renewed.ok) return renewed.refusal.reason === 'sign-in-ended' ? grant : renewed
  return exchange(wanted, renewed.value.idToken, parties.issuer, settings)
}

function accessOf(wanted: Wanted, grant: Grant, token: Redeemed, { clock }: Settings): HeldAccess {
  const now = clock.now()
  return {
    accessToken: token.accessToken,
    resource: wanted.resource as ResourceId,
    authorizationServer: wanted.at.issuer,
    scopes: token.scopes,
    droppedScopes: droppedOf(wanted.scopes, token.scopes, grant.dropped),
    expiresAt: (now + token.lifetimeSeconds) as EpochSeconds,
    txn: token.txn,
    requestedScopes: wanted.scopes,
    renewFrom: renewalTime(now, token.lifetimeSeconds),
  }
}

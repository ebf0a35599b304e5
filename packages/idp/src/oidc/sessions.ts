/**
 * Begins a sign-in when its code is redeemed, ends it when its browser session ends.
 *
 * Every ID Token carries the `sid` of a sign-in, and is a subject token for as long as that stands.
 */
import type { SignIn } from '@carnet/directory'
import type { ClientId, Clock, EpochSeconds, EventSink, IssuerId, PersonId, Random, SessionId } from '@carnet/protocol'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { sessionEnded, sessionStarted } from './events.ts'
import { clientsOf, type SessionClient } from './grants.ts'
import type { OidcRecords, SignInRecords } from './ports.ts'

export interface SessionPorts {
  readonly self: IssuerId
  readonly records: OidcRecords
  readonly signIns: SignInRecords
  readonly events: EventSink
  readonly clock: Clock
  readonly random: Random
  /** Which login vouches for people here. */
  readonly upstream: string
}

type AuthorizationCode = NonNullable<KoaContextWithOIDC['oidc']['entities']['AuthorizationCode']>

/**
 * Records the sign-in behind a code that has just been redeemed.
 *
 * @returns false where the grant was revoked while it was being redeemed: nothing may be handed out
 */
export async function startSignIn(code: AuthorizationCode, provider: Provider, ports: SessionPorts): Promise<boolean> {
  const { signIns, clock } = ports
  const sid = code.sid as SessionId
  if ((await signIns.find(sid)) === undefined) await recordSignIn(signInOf(code, ports), ports)
  const grant = code.grantId === undefined ? undefined : await provider.Grant.find(code.grantId)
  if (grant !== undefined) return true
  await signIns.end({ sid }, clock.now())
  return false
}

async function recordSignIn(signIn: SignIn, { signIns, events, self, clock }: SessionPorts): Promise<void> {
  await signIns.record(signIn)
  await events.record(sessionStarted(signIn, { reporter: self, at: clock.now() }))
}

function signInOf(code: AuthorizationCode, { random, upstream }: SessionPorts): SignIn {
  return {
    sid: code.sid as SessionId,
    person: code.accountId as PersonId,
    client: code.clientId as ClientId,
    authTime: (code.authTime ?? code.iat) as EpochSeconds,
    acr: code.acr ?? '',
    amr: code.amr ?? [],
    upstream,
    endedAt: undefined,
    eventId: random.token(16),
  }
}

type Session = NonNullable<KoaContextWithOIDC['oidc']['session']>

/** Ends the sign-ins of a browser session whose person logged out. */
export async function endSignInsOf(session: Pick<Session, 'authorizations'>, ports: SessionPorts): Promise<void> {
  for (const client of clientsOf(session)) {
    if (client.offline) await continueOffline(client, ports)
    for (const sid of client.sids) await endSignIn(sid, 'logout', ports)
  }
}

/** Ends one sign-in, if it still stands: its ID Tokens are no subject tokens any more. */
export async function endSignIn(
  sid: SessionId,
  reason: 'logout' | 'grant-revoked',
  { signIns, events, self, clock }: SessionPorts,
): Promise<void> {
  const signIn = await signIns.find(sid)
  if (signIn === undefined || signIn.endedAt !== undefined) return
  const at = clock.now()
  await signIns.end({ sid }, at)
  await events.record(sessionEnded(signIn, reason, { reporter: self, at }))
}

/**
 * A refresh token for offline access outlives the browser session (Δ C-30), so it goes on under a sign-in of its
 * own: the same authentication, another `sid`.
 */
async function continueOffline({ sid, grantId }: SessionClient, ports: SessionPorts): Promise<void> {
  const signIn = sid === undefined ? undefined : await ports.signIns.find(sid)
  if (signIn === undefined || signIn.endedAt !== undefined || grantId === undefined) return
  const next = ports.random.token(16) as SessionId
  await ports.signIns.record({ ...signIn, sid: next })
  await ports.records.moveGrant(grantId, next)
}

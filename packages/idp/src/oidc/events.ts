/** The security events of the OpenID side, one function for each. */
import type { SignIn } from '@carnet/directory'
import {
  type ClientId,
  type EpochSeconds,
  type EventId,
  Fault,
  type IssuerId,
  type KeyId,
  type PersonId,
  quoted,
  type SecurityEvent,
  type SessionId,
  type Txn,
} from '@carnet/protocol'

interface Occasion {
  readonly reporter: IssuerId
  readonly at: EpochSeconds
}

/** A person's sign-in reached a client. What follows from it names it as its cause. */
export function sessionStarted(signIn: SignIn, occasion: Occasion): SecurityEvent {
  const { sid, person, client, authTime, acr, amr, upstream, eventId } = signIn
  return {
    id: eventId as EventId,
    type: 'session.started',
    outcome: 'success',
    ...occasion,
    person,
    client,
    session: sid,
    details: { auth_time: authTime, acr, amr: [...amr], upstream },
  }
}

/** Somebody did not get past the sign-in page. */
export function sessionRefused(
  reason: string,
  client: ClientId | undefined,
  facts: Readonly<Record<string, string | number>>,
  occasion: Occasion,
): SecurityEvent {
  return {
    type: 'session.refused',
    outcome: 'refused',
    ...occasion,
    ...(client !== undefined && { client }),
    reason,
    details: Object.fromEntries(
      Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'string' ? quoted(fact) : fact]),
    ),
  }
}

export function sessionEnded(signIn: SignIn, reason: 'logout' | 'grant-revoked', occasion: Occasion): SecurityEvent {
  const { sid, person, client, eventId } = signIn
  return {
    type: 'session.ended',
    outcome: 'success',
    ...occasion,
    person,
    client,
    session: sid,
    causes: [eventId],
    reason,
  }
}

/** A code or refresh token was not accepted, or the request for it was wrong. */
export function openIdGrantRefused(
  facts: {
    readonly error: string
    /** What `oidc-provider` noted for the operator: fixed words, no received value. */
    readonly detail: string | undefined
    readonly grantType: string | undefined
    readonly client: ClientId | undefined
    readonly session: SessionId | undefined
    readonly txn: Txn
  },
  occasion: Occasion,
): SecurityEvent {
  const { error, detail, grantType, client, session, txn } = facts
  return {
    type: error === 'invalid_request' ? 'request.malformed' : 'session.refused',
    outcome: 'refused',
    ...occasion,
    txn,
    ...(client !== undefined && { client }),
    ...(session !== undefined && { session }),
    reason: error.replaceAll('_', '-'),
    details: {
      ...(grantType !== undefined && { grant_type: quoted(grantType) }),
      ...(detail !== undefined && { detail: quoted(detail) }),
    },
  }
}

/** A refresh token was used, and its successor handed out. */
export function sessionRefreshed(signIn: SignIn, occasion: Occasion): SecurityEvent {
  const { sid, person, client, eventId } = signIn
  return {
    type: 'session.refreshed',
    outcome: 'success',
    ...occasion,
    person,
    client,
    session: sid,
    causes: [eventId],
  }
}

/** A client gave a token back. */
export function tokenRevoked(
  facts: { readonly kind: string; readonly client: ClientId; readonly person: PersonId; readonly session: SessionId },
  occasion: Occasion,
): SecurityEvent {
  const { kind, ...whose } = facts
  return { type: 'token.revoked', outcome: 'success', ...occasion, ...whose, details: { kind } }
}

/** Something of ours was down, so nothing was handed out. */
export function openIdRequestFailed(error: unknown, txn: Txn | undefined, occasion: Occasion): SecurityEvent {
  return {
    type: 'dependency.failed',
    outcome: 'failed',
    ...occasion,
    ...(txn !== undefined && { txn }),
    reason: error instanceof Fault ? error.code : 'internal',
  }
}

export function keysRotated(kid: KeyId, occasion: Occasion): SecurityEvent {
  return {
    type: 'keys.rotated',
    outcome: 'success',
    ...occasion,
    details: { kid },
  }
}

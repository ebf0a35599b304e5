/**
 * What a browser session remembers of each client: the grant, and the sign-in (`sid`) its tokens belong to.
 *
 * A person who authenticates again begins another sign-in at that client, so that `auth_time`, `acr` and `amr`
 * of a `sid` never change.
 */
import type { Random, SessionId } from '@carnet/protocol'
import type { Grant, KoaContextWithOIDC, Provider } from 'oidc-provider'

/** The scopes of this issuer; those of MCP servers are asked for in an exchange, never here. */
export const OPENID_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const

/** What `oidc-provider` keeps for each client of a session, and what we add to it. */
interface ClientOfSession {
  sid?: string | undefined
  grantId?: string | undefined
  persistsLogout?: boolean | undefined
  /** When the person authenticated for `sid`. */
  signedInAt?: number
  /** Earlier sign-ins of this session at this client. */
  formerSids?: string[]
}

/** Grants whatever OpenID scopes were asked for: which servers they lead to is decided at each exchange. */
export async function grantFor(
  ctx: KoaContextWithOIDC,
  provider: Provider,
  random: Random,
): Promise<Grant | undefined> {
  const { session, client, account } = ctx.oidc
  if (session === undefined || client === undefined || account === undefined) return undefined
  beginSignIn(clientOf(session, client.clientId), session.loginTs ?? 0, ctx.oidc.result?.login !== undefined, random)

  const grant =
    (await knownGrant(provider, session.grantIdFor(client.clientId), account.accountId)) ??
    new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  grant.addOIDCScope(OPENID_SCOPES.filter((scope) => ctx.oidc.requestParamScopes.has(scope)).join(' '))
  await grant.save()
  return grant
}

type Session = NonNullable<KoaContextWithOIDC['oidc']['session']>

function clientOf(session: Session, clientId: string): ClientOfSession {
  session.ensureClientContainer(clientId)
  return session.authorizationFor(clientId) as ClientOfSession
}

function beginSignIn(client: ClientOfSession, signedInAt: number, justNow: boolean, random: Random): void {
  if (client.signedInAt === signedInAt && !justNow) return
  if (client.signedInAt !== undefined && client.sid !== undefined) {
    client.formerSids = [...(client.formerSids ?? []), client.sid]
  }
  client.sid = random.token(16)
  client.signedInAt = signedInAt
}

async function knownGrant(provider: Provider, id: string | undefined, accountId: string): Promise<Grant | undefined> {
  const grant = id === undefined ? undefined : await provider.Grant.find(id)
  return grant?.accountId === accountId ? grant : undefined
}

export interface SessionClient {
  readonly clientId: string
  readonly grantId: string | undefined
  /** The client holds refresh tokens that outlive the session. */
  readonly offline: boolean
  readonly sid: SessionId | undefined
  /** `sid` and those before it. */
  readonly sids: readonly SessionId[]
}

/** The clients a session has been used at. */
export function clientsOf(session: Pick<Session, 'authorizations'>): readonly SessionClient[] {
  return Object.entries(session.authorizations ?? {}).map(([clientId, state]) => {
    const { sid, grantId, persistsLogout, formerSids = [] } = state as ClientOfSession
    return {
      clientId,
      grantId,
      offline: persistsLogout === true,
      sid: sid as SessionId | undefined,
      sids: [...formerSids, ...(sid === undefined ? [] : [sid])] as SessionId[],
    }
  })
}

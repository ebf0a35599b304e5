/**
 * What the issuer adds around every request that `oidc-provider` answers: the sign-in record, the audit event,
 * the `txn`, and the difference between the client's fault and ours.
 */
import { failureError } from '@carnet/http'
import {
  type ClientId,
  Fault,
  type Log,
  oauthErrorBody,
  type PersonId,
  type SessionId,
  type Txn,
} from '@carnet/protocol'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { openIdGrantRefused, openIdRequestFailed, sessionRefreshed, tokenRevoked } from './events.ts'
import { finishLogout } from './logout.ts'
import type { IssuerPages } from './pages.ts'
import { endSignInsOf, type SessionPorts, startSignIn } from './sessions.ts'

export interface RequestHookPorts extends SessionPorts {
  readonly log: Log
  readonly pages: IssuerPages
}

/** For what `oidc-provider` shows by itself: a form that submits itself, whose script it adds by its hash. */
const ARMOUR = {
  'content-security-policy': "default-src 'none'; script-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

type Next = () => Promise<unknown>

/** Endpoints whose callers are programs. */
const JSON_ROUTES: ReadonlySet<string> = new Set(['token', 'revocation', 'introspection', 'userinfo'])

export function afterRequest(provider: Provider, ports: RequestHookPorts) {
  return async (ctx: KoaContextWithOIDC, next: Next): Promise<void> => {
    const txn = ports.random.token(16) as Txn
    try {
      ctx.set(ARMOUR)
      await next()
      if (ctx.oidc === undefined) return
      await finish(ctx, txn, provider, ports)
      if (ctx.state.failure !== undefined) throw ctx.state.failure
    } catch (error) {
      await answerFailure(ctx, txn, error, ports)
    }
  }
}

/** Everything here is done before the answer leaves: what it says is then on record. */
async function finish(ctx: KoaContextWithOIDC, txn: Txn, provider: Provider, ports: RequestHookPorts): Promise<void> {
  switch (ctx.oidc.route) {
    case 'token':
      await finishTokenRequest(ctx, txn, provider, ports)
      break
    case 'revocation':
      await recordRevocation(ctx, ports)
      await reportRefusal(ctx, txn, ports)
      break
    case 'introspection':
      await reportRefusal(ctx, txn, ports)
      break
    case 'end_session':
      await finishLogout(ctx, provider, ports)
      break
    case 'end_session_confirm':
      if (ctx.oidc.session !== undefined && wasDestroyed(ctx.oidc.session)) await endSignInsOf(ctx.oidc.session, ports)
      break
  }
}

async function finishTokenRequest(
  ctx: KoaContextWithOIDC,
  txn: Txn,
  provider: Provider,
  ports: RequestHookPorts,
): Promise<void> {
  const code = ctx.oidc.entities.AuthorizationCode
  if (ctx.status === 200 && code !== undefined && !(await startSignIn(code, provider, ports))) {
    ctx.status = 400
    ctx.body = { error: 'invalid_grant', error_description: 'grant request is invalid' }
  }
  if (ctx.status === 200) await recordRefresh(ctx, ports)
  await reportRefusal(ctx, txn, ports)
}

async function recordRefresh(ctx: KoaContextWithOIDC, { signIns, events, self, clock }: SessionPorts): Promise<void> {
  const sid = ctx.oidc.entities.RotatedRefreshToken?.sid
  const signIn = sid === undefined ? undefined : await signIns.find(sid as SessionId)
  if (signIn !== undefined) await events.record(sessionRefreshed(signIn, { reporter: self, at: clock.now() }))
}

async function recordRevocation(ctx: KoaContextWithOIDC, { events, self, clock }: SessionPorts): Promise<void> {
  const token = ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AccessToken
  if (ctx.status !== 200 || token === undefined) return
  const facts = {
    kind: token.kind,
    client: token.clientId as ClientId,
    person: token.accountId as PersonId,
    session: token.sid as SessionId,
  }
  await events.record(tokenRevoked(facts, { reporter: self, at: clock.now() }))
}

/** An error answer gets the `txn` by which its event is found. */
async function reportRefusal(ctx: KoaContextWithOIDC, txn: Txn, ports: RequestHookPorts): Promise<void> {
  const body: unknown = ctx.body
  if (ctx.state.failure !== undefined || ctx.status < 400 || !isErrorBody(body)) return
  ctx.body = { ...body, txn }
  const { client, entities, params } = ctx.oidc
  const grantType = params?.grant_type
  await ports.events.record(
    openIdGrantRefused(
      {
        error: body.error,
        detail: ctx.state.detail,
        grantType: typeof grantType === 'string' ? grantType : undefined,
        client: client?.clientId as ClientId | undefined,
        session: (entities.RefreshToken?.sid ?? entities.AuthorizationCode?.sid) as SessionId | undefined,
        txn,
      },
      { reporter: ports.self, at: ports.clock.now() },
    ),
  )
}

function isErrorBody(body: unknown): body is { readonly error: string } {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string'
}

/** Something of ours failed: a program gets the JSON error, a person a page, nobody a blame. */
async function answerFailure(
  ctx: KoaContextWithOIDC,
  txn: Txn,
  error: unknown,
  { events, pages, log, self, clock }: RequestHookPorts,
): Promise<void> {
  log.error('A request to the OpenID provider failed', { txn, error })
  const answer = failureError(error)
  ctx.status = answer.status
  if (answer.retryAfterSeconds !== undefined) ctx.set('retry-after', String(answer.retryAfterSeconds))
  ctx.set('cache-control', 'no-store')
  if (ctx.oidc !== undefined && JSON_ROUTES.has(ctx.oidc.route)) ctx.body = oauthErrorBody(answer, txn)
  else pages.failure(ctx, txn)
  try {
    await events.record(openIdRequestFailed(error, txn, { reporter: self, at: clock.now() }))
  } catch (unrecorded) {
    if (!(unrecorded instanceof Fault)) throw unrecorded
    log.error('A failure could not be put on record', { txn, error: unrecorded })
  }
}

function wasDestroyed(session: object): boolean {
  return 'destroyed' in session && session.destroyed === true
}

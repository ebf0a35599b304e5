/**
 * The endpoints where clients authenticate: token, revocation, introspection.
 *
 * Our own rules say who is asking, at all of them. The token exchange is answered here; every other request goes
 * on to `oidc-provider`, already authenticated.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-3.2 OAuth 2.1 §3.2}
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  authenticateClient,
  type ClientRequest,
  clientError,
  clientRefusedEvent,
  type Form,
  failureError,
  fixedError,
  MAX_FORM_BYTES,
  oauthErrorAnswer,
  readNodeForm,
  writeAnswer,
} from '@carnet/http'
import {
  accept,
  type EpochSeconds,
  explained,
  Fault,
  type OAuthError,
  type Result,
  refuse,
  type SecurityEvent,
  TOKEN_EXCHANGE_GRANT,
  type Txn,
} from '@carnet/protocol'
import type { ClientEntry } from '@carnet/registry'
import { handleExchange } from '../exchange/handle-exchange.ts'
import { handleUnreadable } from '../exchange/handle-unreadable.ts'
import { REPEATABLE_IN_EXCHANGE } from '../exchange/request.ts'
import type { ExchangeContext } from '../ports.ts'
import { openIdGrantRefused, openIdRequestFailed } from './events.ts'

export interface ClientEndpointContext extends ExchangeContext {
  readonly sourceOf: (request: IncomingMessage) => string
  /** Answers a request that was authenticated here. */
  readonly forward: (request: IncomingMessage, response: ServerResponse, form: Form, client: ClientEntry) => void
}

const FORM_RULES = { repeatable: REPEATABLE_IN_EXCHANGE, maxBytes: MAX_FORM_BYTES }

export type ClientEndpoint = 'token' | 'revocation' | 'introspection'

/** Answers a request to one of the endpoints. Never throws: what fails on our side is answered with a 5xx. */
export async function handleClientEndpoint(
  endpoint: ClientEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
  context: ClientEndpointContext,
): Promise<void> {
  const form = await readNodeForm(request, FORM_RULES)
  // Not before the body is here: a caller who holds it back must not be judged by an earlier clock.
  const occasion = { txn: context.random.token(16) as Txn, at: context.clock.now() }
  try {
    if (!form.ok) {
      return writeAnswer(response, await handleUnreadable(form.refusal, context.sourceOf(request), context))
    }
    const input: ClientRequest = {
      form: form.value,
      authorization: request.headers.authorization,
      source: context.sourceOf(request),
    }
    if (endpoint === 'token' && form.value.get('grant_type') === TOKEN_EXCHANGE_GRANT) {
      return writeAnswer(response, await handleExchange(input, occasion, context))
    }
    const client = await identify(input, occasion, context)
    if (!client.ok) return await say(response, client.refusal.error, client.refusal.event, occasion, context)
    if (endpoint === 'token') {
      const error = checkGrantType(form.value, client.value)
      if (error !== undefined) {
        return await say(
          response,
          error,
          refusedGrant(error, form.value, client.value, occasion, context),
          occasion,
          context,
        )
      }
    }
    context.forward(request, response, form.value, client.value)
  } catch (error) {
    context.log.error('A request of a client failed', { txn: occasion.txn, error })
    const event = openIdRequestFailed(error, occasion.txn, { reporter: context.self, at: occasion.at })
    await say(response, failureError(error), event, occasion, context).catch((unrecorded: unknown) => {
      if (!(unrecorded instanceof Fault)) throw unrecorded
      writeAnswer(response, oauthErrorAnswer(failureError(error), occasion.txn))
    })
  }
}

interface Occasion {
  readonly txn: Txn
  readonly at: EpochSeconds
}

interface Refused {
  readonly error: OAuthError
  readonly event: SecurityEvent | undefined
}

/** The same rules as the exchange has for the same client, in the same words. */
async function identify(
  input: ClientRequest,
  { txn, at }: Occasion,
  context: ClientEndpointContext,
): Promise<Result<ClientEntry, Refused>> {
  const { self, registry, replay, limits, skewSeconds } = context
  const { clients } = registry.current()
  const authenticated = await authenticateClient(input, {
    self,
    clients: { find: (id) => clients.get(id) },
    replay,
    limits,
    now: at,
    skewSeconds,
  })
  if (!authenticated.ok) {
    const event = clientRefusedEvent(authenticated.refusal, { reporter: self, at, txn })
    return refuse({ error: clientError(authenticated.refusal), event })
  }
  const { client, method } = authenticated.value
  if (method !== 'none') return accept(client)
  const about = { outcome: 'refused', reporter: self, at, txn, client: client.id, reason: 'public-client' } as const
  if (!client.publicException) {
    return refuse({
      error: fixedError('invalid_client', { challengeBasic: input.authorization !== undefined }),
      event: { type: 'client-authentication.refused', ...about },
    })
  }
  await context.events.record({
    type: 'client.public-exception-used',
    outcome: 'success',
    reporter: self,
    at,
    txn,
    client: client.id,
  })
  return accept(client)
}

const OPENID_GRANTS: ReadonlySet<string> = new Set(['authorization_code', 'refresh_token'])

function checkGrantType(form: Form, client: ClientEntry): OAuthError | undefined {
  const grantType = form.get('grant_type')
  if (grantType === undefined) return fixedError('invalid_request')
  if (!OPENID_GRANTS.has(grantType)) return fixedError('unsupported_grant_type')
  if (!client.grantTypes.includes(grantType)) return explained('unauthorized_client', 'client.grant-not-allowed')
  return undefined
}

function refusedGrant(
  { error }: OAuthError,
  form: Form,
  client: ClientEntry,
  { txn, at }: Occasion,
  { self }: ClientEndpointContext,
): SecurityEvent {
  const facts = {
    error,
    detail: undefined,
    grantType: form.get('grant_type'),
    client: client.id,
    session: undefined,
    txn,
  }
  return openIdGrantRefused(facts, { reporter: self, at })
}

/** The event is on record before the answer leaves. */
async function say(
  response: ServerResponse,
  error: OAuthError,
  event: SecurityEvent | undefined,
  { txn }: Occasion,
  { events }: ClientEndpointContext,
): Promise<void> {
  if (event !== undefined) await events.record(event)
  writeAnswer(response, oauthErrorAnswer(error, txn))
}

/**
 * The sign-in page's endpoint: between the provider that wants a person signed in and the method that can.
 *
 * The address alone opens nothing: the browser must also hold the signed cookie of that very sign-in, which is
 * only sent from pages of this server. That is what keeps others from submitting the form.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-7 OAuth 2.1 §7}
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { failureError, readNodeForm, STRICT_FORM } from '@carnet/http'
import type { ClientId, Clock, EventSink, IssuerId, Log, Random, Txn } from '@carnet/protocol'
import type { RegistryReader } from '@carnet/registry'
import type { errors, Provider } from 'oidc-provider'
import { openIdRequestFailed, sessionRefused } from '../oidc/events.ts'
import { errorPage, failurePage } from '../oidc/pages.ts'
import { ROUTES } from '../oidc/routes.ts'
import { formTargetsFor, type Page, pageHeaders, pageHtml } from './html.ts'
import type { SignedIn, SignInMethod, SignInRequest, SignInStep } from './method.ts'

export interface SignInContext {
  readonly self: IssuerId
  readonly signIn: SignInMethod
  readonly registry: RegistryReader
  readonly events: EventSink
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly sourceOf: (request: IncomingMessage) => string
  readonly SessionNotFound: typeof errors.SessionNotFound
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** Answers GET and POST at a sign-in's address. Never throws. */
export async function handleSignIn(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  context: SignInContext,
): Promise<void> {
  try {
    if (request.method === 'GET') await begin(request, response, provider, context)
    else if (request.method === 'POST') await complete(request, response, provider, context)
    else {
      response.writeHead(405, { allow: 'GET, POST' })
      response.end()
    }
  } catch (error) {
    if (error instanceof context.SessionNotFound) return showExpired(response)
    await fail(response, error, context)
  }
}

async function begin(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  context: SignInContext,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response)
  const asked = askedOf(interaction, request, context)
  show(response, await context.signIn.begin(asked), asked)
}

async function complete(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  context: SignInContext,
): Promise<void> {
  if (!isFromOwnPage(request, context.self)) {
    return showPage(response, 403, errorPage('access_denied', 'The form was sent from another site.'))
  }
  const interaction = await provider.interactionDetails(request, response)
  const asked = askedOf(interaction, request, context)
  const form = await readNodeForm(request, STRICT_FORM)
  if (!form.ok) return showPage(response, 400, errorPage('invalid_request', 'The form could not be read.'))

  if (form.value.get('cancel') !== undefined) {
    const result = { error: 'access_denied', error_description: 'The person cancelled the sign-in.' }
    return await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  }
  const outcome = await context.signIn.complete(asked, form.value)
  if (outcome.ok) {
    return await provider.interactionFinished(request, response, resultOf(outcome.value), {
      mergeWithLastSubmission: false,
    })
  }
  const { reason, facts, next } = outcome.refusal
  if (facts.count !== 0) {
    const client = interaction.params.client_id as ClientId | undefined
    await context.events.record(sessionRefused(reason, client, facts, { reporter: context.self, at: asked.now }))
  }
  show(response, next, asked)
}

function askedOf({ uid, params }: Interaction, request: IncomingMessage, context: SignInContext): SignInRequest {
  const client = context.registry.current().clients.get(params.client_id as ClientId)
  return {
    action: `${context.self}${ROUTES.interaction}/${uid}`,
    clientName: client?.name ?? 'an application',
    loginHint: typeof params.login_hint === 'string' ? params.login_hint : undefined,
    acrValues: typeof params.acr_values === 'string' ? params.acr_values.split(' ') : [],
    formTargets: typeof params.redirect_uri === 'string' ? formTargetsFor(params.redirect_uri) : [],
    source: context.sourceOf(request),
    now: context.clock.now(),
  }
}

/** Whatever prompt brought the person here, a sign-in answers it. */
function resultOf({ person, authentication }: SignedIn) {
  const { authTime, acr, amr } = authentication
  return {
    login: { accountId: person, ts: authTime, acr, amr: [...amr], remember: true },
    select_account: {},
    consent: {},
  }
}

/** Browsers say where a form comes from; other programs may say nothing. */
function isFromOwnPage(request: IncomingMessage, self: IssuerId): boolean {
  const { origin } = request.headers
  return origin === undefined || origin === new URL(self).origin
}

function show(response: ServerResponse, step: SignInStep, { formTargets }: SignInRequest): void {
  if (step.kind === 'redirect') {
    response.writeHead(303, { location: step.location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    response.end()
    return
  }
  response.writeHead(step.status, {
    ...pageHeaders(formTargets),
    ...(step.retryAfterSeconds !== undefined && { 'retry-after': String(step.retryAfterSeconds) }),
  })
  response.end(step.html)
}

function showPage(response: ServerResponse, status: number, page: Page): void {
  response.writeHead(status, pageHeaders())
  response.end(pageHtml(page))
}

function showExpired(response: ServerResponse): void {
  const expired = errorPage('invalid_request', 'This sign-in page has expired, or was opened in another browser.')
  showPage(response, 400, expired)
}

async function fail(response: ServerResponse, error: unknown, context: SignInContext): Promise<void> {
  const txn = context.random.token(16) as Txn
  context.log.error('A sign-in failed', { txn, error })
  const at = context.clock.now()
  const event = openIdRequestFailed(error, txn, { reporter: context.self, at })
  await context.events.record(event).catch((unrecorded: unknown) => {
    context.log.error('A failure could not be put on record', { txn, error: unrecorded })
  })
  showPage(response, failureError(error).status, failurePage(txn))
}

/**
 * Decides which registered client a token request comes from.
 *
 * One implementation for every endpoint of every authorization server: two halves of one endpoint must not
 * disagree about who is asking.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-2.4 OAuth 2.1 §2.4}
 */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  type IssuerId,
  type ReplayGuard,
  type Result,
  refuse,
} from '@carnet/protocol'
import type { AuthenticatingClient, ClientAuthMethod, ClientDirectory } from './client.ts'
import { type ClientAssertionRefusal, verifyClientAssertion } from './client-assertion.ts'
import { isClientSecret } from './client-secret.ts'
import {
  type BasicCredentials,
  type CredentialCarrier,
  type PresentationRefusal,
  type PresentedCredentials,
  presentedCredentials,
} from './presented-credentials.ts'
import type { RateLimits, RateRefusal } from './rate-limits.ts'

export interface ClientRequest extends CredentialCarrier {
  /** Where the request came from, as `sourceOf` says. */
  readonly source: string
}

export interface AuthenticatedClient<Client extends AuthenticatingClient> {
  readonly client: Client
  /** `none` is a public client: identified, not authenticated. The caller decides whether that is enough. */
  readonly method: ClientAuthMethod
}

/** What the server knows when a request arrives. No field is optional, so no check can be left out. */
export interface ClientAuthenticationContext<Client extends AuthenticatingClient> {
  readonly self: IssuerId
  readonly clients: ClientDirectory<Client>
  readonly replay: ReplayGuard
  readonly limits: RateLimits
  readonly now: EpochSeconds
  readonly skewSeconds: number
}

type ProofRefusal =
  | ClientAssertionRefusal
  | {
      readonly reason:
        | 'unknown-client'
        | 'client-disabled'
        | 'method-not-registered'
        | 'wrong-secret'
        | 'assertion-replayed'
    }

export type ClientRefusal = (PresentationRefusal | ProofRefusal | RateRefusal) & {
  /** The client the request claimed to come from: attacker-controlled, and quoted wherever it is written. */
  readonly claimedClient: string | undefined
  /** The same, where such a client is registered. */
  readonly client: ClientId | undefined
  /** `Authorization` was used, so a 401 must say which scheme is understood there. */
  readonly authorizationTried: boolean
}

/**
 * Authenticates the client of a request, within the rate limits of its source and of itself.
 *
 * @returns the registered client, or why not; what the caller may be told of it is `clientError`
 * @throws {Fault} from the replay guard or the client directory: not the client's fault
 */
export async function authenticateClient<Client extends AuthenticatingClient>(
  request: ClientRequest,
  context: ClientAuthenticationContext<Client>,
): Promise<Result<AuthenticatedClient<Client>, ClientRefusal>> {
  const { limits, now } = context
  const presented = presentedCredentials(request)
  const claimedClient = presented.ok ? claimedId(presented.value) : request.form.get('client_id')
  const about = { claimedClient, client: undefined, authorizationTried: request.authorization !== undefined }

  const admitted = limits.admitSource(request.source, claimedClient, now)
  if (!admitted.ok) return refuse({ ...admitted.refusal, ...about })
  if (!presented.ok) {
    limits.countFailure(request.source, claimedClient, now)
    return refuse({ ...presented.refusal, ...about })
  }

  const { client, proof } = await prove(presented.value, context)
  if (!proof.ok) {
    limits.countFailure(request.source, claimedClient, now)
    return refuse({ ...proof.refusal, ...about, client: client?.id })
  }
  const paced = limits.admitClient(proof.value.client.id, now)
  return paced.ok ? proof : refuse({ ...paced.refusal, ...about, client: proof.value.client.id })
}

function claimedId(presented: PresentedCredentials): ClientId {
  return presented.mechanism === 'basic' ? presented.readings[0].id : presented.id
}

interface Attempt<Client extends AuthenticatingClient> {
  /** The registered client that was claimed, proved or not. */
  readonly client: Client | undefined
  readonly proof: Result<AuthenticatedClient<Client>, ProofRefusal>
}

async function prove<Client extends AuthenticatingClient>(
  presented: PresentedCredentials,
  context: ClientAuthenticationContext<Client>,
): Promise<Attempt<Client>> {
  switch (presented.mechanism) {
    case 'basic':
      return proveBySecret(presented.readings, 'client_secret_basic', context)
    case 'post':
      return proveBySecret([presented], 'client_secret_post', context)
    case 'assertion':
      return proveByAssertion(presented.id, presented.assertion, context)
    case 'none': {
      const client = await context.clients.find(presented.id)
      return { client, proof: checkedRecord(client, 'none') }
    }
  }
}

/** Whether the record allows this client to use this method now. */
function checkedRecord<Client extends AuthenticatingClient>(
  client: Client | undefined,
  method: ClientAuthMethod,
): Attempt<Client>['proof'] {
  if (client === undefined) return refuse({ reason: 'unknown-client' })
  if (!client.enabled) return refuse({ reason: 'client-disabled' })
  if (!client.authMethods.includes(method)) return refuse({ reason: 'method-not-registered' })
  return accept({ client, method })
}

/** The secret is compared before the record is looked at, so that every refusal has cost the same. */
async function proveBySecret<Client extends AuthenticatingClient>(
  readings: readonly BasicCredentials[],
  method: ClientAuthMethod,
  { clients, now }: ClientAuthenticationContext<Client>,
): Promise<Attempt<Client>> {
  let claimed: Client | undefined
  for (const { id, secret } of readings) {
    const client = await clients.find(id)
    claimed ??= client
    if (isClientSecret(secret, client, now)) return { client, proof: checkedRecord(client, method) }
  }
  return { client: claimed, proof: refuse({ reason: claimed === undefined ? 'unknown-client' : 'wrong-secret' }) }
}

async function proveByAssertion<Client extends AuthenticatingClient>(
  id: ClientId,
  assertion: string,
  context: ClientAuthenticationContext<Client>,
): Promise<Attempt<Client>> {
  const { self, replay, skewSeconds } = context
  const client = await context.clients.find(id)
  const claims = verifyClientAssertion(assertion, client, context)
  if (!claims.ok) return { client, proof: claims }
  const proof = checkedRecord(client, 'private_key_jwt')
  if (!proof.ok) return { client, proof }

  const until = (claims.value.exp + skewSeconds) as EpochSeconds
  const use = await replay.claim(`client-assertion:${self} ${id}`, claims.value.jti, until)
  return { client, proof: use === 'first' ? proof : refuse({ reason: 'assertion-replayed' }) }
}

/**
 * Redeems an ID-JAG: the whole order of steps, with RFC 7523 §2.1 and ID-JAG §4.4 open beside it.
 *
 * Everything that can be refused is refused before the `jti` is claimed, and the claim, the token record and the audit
 * event are one commit. The token exists before that, but nobody has it until the commit is durable.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 RFC 7523 §2.1}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4 ID-JAG §4.4}
 */
import type { AuthenticatedClient, ClientRefusal, ClientRequest } from '@carnet/http'
import {
  ACCESS_TOKEN_JWT_TYPE,
  accept,
  type EpochSeconds,
  formatScopes,
  type IdJagClaims,
  type IssuerId,
  parseTxn,
  type ResourceId,
  type Result,
  refuse,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import { type SigningAlgorithm, signerAt, signJwt } from '@carnet/tokens'
import { accountLinked, type RedemptionFacts, tokenIssued, tokenRefused } from '../events.ts'
import { type Account, type ExternalSubject, mintTxn, type ResourceAsClient, type ResourceAsPorts } from '../ports.ts'
import { accessTokenClaims, tokenExpiry } from './access-token.ts'
import { checkClaims } from './check-claims.ts'
import { issuerTrust } from './issuer-trust.ts'
import type { RedemptionQuota } from './quota.ts'
import type { RedemptionRefusal, RefusedRedemption } from './refusals.ts'
import { checkGrantAllowed, redemptionParameters } from './request.ts'
import { resolveResource } from './resource.ts'
import { narrowScope } from './scope.ts'
import { resolveSubject } from './subject.ts'
import { verifyIdJag } from './verify-id-jag.ts'
import { checkWithdrawn, withdrawableFacts, withdrawnBy } from './withdrawn.ts'

/** What the server knows and can do. No field is optional, so no step can be left out. */
export interface RedemptionContext
  extends Pick<
    ResourceAsPorts,
    | 'registrations'
    | 'issuerKeys'
    | 'accounts'
    | 'redemptions'
    | 'revocations'
    | 'signingKeys'
    | 'events'
    | 'clock'
    | 'random'
  > {
  readonly self: IssuerId
  readonly sameTrustDomain: readonly IssuerId[]
  readonly skewSeconds: number
  readonly signingAlgorithm: SigningAlgorithm
  readonly quota: RedemptionQuota
  /** Who is asking. The assertion is not looked at until this has succeeded. */
  authenticate(
    request: ClientRequest,
    now: EpochSeconds,
  ): Promise<Result<AuthenticatedClient<ResourceAsClient>, ClientRefusal>>
}

/** RFC 6749 §5.1, with the `resource` of ID-JAG §4.4.2. There is never a refresh token (Δ C-29). */
export interface RedemptionResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly scope: string
  readonly resource: ResourceId
  readonly txn: string
}

/**
 * Redeems an ID-JAG for an access token.
 *
 * @param request - the form of a POST to the token endpoint, read strictly, and where it came from
 * @returns the body of the response, or why not: `tellCaller` says what the caller may hear of that
 * @throws {Fault} when something of ours is down; nothing is issued, and the same assertion may be tried again
 */
export async function redeem(
  request: ClientRequest,
  context: RedemptionContext,
): Promise<Result<RedemptionResponse, RefusedRedemption>> {
  const known: Known = { now: context.clock.now() }
  const outcome = await steps(request, context, known)
  if (outcome.ok) return outcome

  const facts = factsOf(known, context)
  const refused = { ...outcome.refusal, txn: facts.txn }
  const event = tokenRefused(facts, refused)
  if (event !== undefined) await context.events.record(event)
  return refuse(refused)
}

async function steps(
  request: ClientRequest,
  context: RedemptionContext,
  known: Known,
): Promise<Result<RedemptionResponse, RedemptionRefusal>> {
  const { now } = known
  const { self, sameTrustDomain, skewSeconds, registrations } = context

  // Who is asking?
  const asking = await context.authenticate(request, now)
  if (!asking.ok) return refuse({ reason: 'client-not-authenticated', cause: asking.refusal })
  const { client } = asking.value
  known.client = client
  const parameters = redemptionParameters(request.form)
  if (!parameters.ok) return parameters
  const allowed = checkGrantAllowed(asking.value)
  if (!allowed.ok) return allowed

  // Is the assertion from an issuer we trust, and for this client, here and now?
  const registered = registrations.current()
  const trust = issuerTrust(registered, client.tenant, context.issuerKeys)
  const verified = await verifyIdJag(parameters.value.assertion, { self, trust })
  if (!verified.ok) return verified
  const { claims, issuer } = verified.value
  known.claims = claims
  const checked = checkClaims(claims, issuer, { self, sameTrustDomain, client: client.id, now, skewSeconds })
  if (!checked.ok) return checked

  // For which MCP server, and with what?
  const resource = resolveResource({
    claimed: claims.resource,
    requested: parameters.value.resource,
    governed: registered.resourcesOf(client.tenant),
    permitted: (id) => issuer.permittedResources.includes(id) && client.permittedResources.includes(id),
  })
  if (!resource.ok) return resource
  known.resource = resource.value.id
  const scopes = narrowScope({
    claimed: claims.scope,
    requested: parameters.value.scope,
    resource: resource.value,
    registered: client.permittedScopes,
    ceiling: issuer.scopeCeiling,
    unknownScopes: issuer.unknownScopes,
  })
  if (!scopes.ok) return scopes

  // For whom, and may they still?
  const subject = externalSubject(claims, client)
  const resolved = await resolveSubject(subject, issuer.subjects, context.accounts, now)
  if (!resolved.ok) return resolved
  const { account } = resolved.value
  known.account = account
  if (resolved.value.isNew) await context.events.record(accountLinked(factsOf(known, context)))
  const about = { claims, subject, account, resource: resource.value }
  const withdrawable = withdrawableFacts(about)
  const standing = checkWithdrawn(withdrawable, context.revocations.index)
  if (!standing.ok) return standing
  const room = context.quota.check(claims.iss, client.id, now)
  if (!room.ok) return room

  // Issue, and use the assertion up: from here on only the commit itself can refuse.
  const facts = { ...factsOf(known, context), claims }
  const id = context.random.token(16) as TokenId
  const issued = { ...about, id, self, scopes: scopes.value, txn: facts.txn, now }
  const expiresAt = tokenExpiry(issued)
  const key = signerAt(context.signingKeys.ring(), context.signingAlgorithm, now)
  const accessToken = signJwt(accessTokenClaims(issued), { typ: ACCESS_TOKEN_JWT_TYPE, key })
  const verdict = await context.redemptions.commit({
    token: {
      id,
      tenant: client.tenant,
      account: account.id,
      client: client.id,
      issuer: claims.iss,
      subject: claims.sub,
      grant: claims.jti,
      session: claims.sid,
      resource: resource.value.id,
      issuedAt: now,
      grantIssuedAt: claims.iat,
      expiresAt,
    },
    rememberUntil: (claims.exp + skewSeconds) as EpochSeconds,
    withdrawable,
    event: tokenIssued(facts, { id, scopes: scopes.value, expiresAt }),
  })
  if (verdict.kind === 'replayed') return refuse({ reason: 'replayed' })
  if (verdict.kind === 'withdrawn') return refuse(withdrawnBy(verdict.record))
  context.quota.count(claims.iss, client.id)

  return accept({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresAt - now,
    scope: formatScopes(scopes.value),
    resource: resource.value.id,
    txn: facts.txn,
  })
}

/** What the steps have found out so far; a refusal is reported with as much of it as there is. */
interface Known {
  readonly now: EpochSeconds
  client?: ResourceAsClient
  claims?: IdJagClaims
  resource?: ResourceId
  account?: Account
  txn?: Txn
}

/** The correlation id is the issuer's, once its signature holds; else one of our own. */
function factsOf(known: Known, { self, random }: RedemptionContext): RedemptionFacts {
  known.txn ??= parseTxn(known.claims?.txn) ?? mintTxn(random)
  const { now, txn, ...facts } = known
  return { ...facts, reporter: self, at: now, txn }
}

function externalSubject({ iss, sub, tenant }: IdJagClaims, client: ResourceAsClient): ExternalSubject {
  return { tenant: client.tenant, issuer: iss, issuerTenant: tenant, subject: sub }
}

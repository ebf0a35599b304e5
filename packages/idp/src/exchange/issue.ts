/**
 * Issues one ID-JAG for exactly what was granted.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-3.1 ID-JAG §3.1}
 */
import { type PairwiseKey, pairwiseSession, releasedClaims, type SubjectRefusal, subjectFor } from '@carnet/directory'
import {
  accept,
  type EpochSeconds,
  formatScopes,
  Hidden,
  ID_JAG_JWT_TYPE,
  type IssuerId,
  type Random,
  type Result,
  type Subject,
  type TokenId,
  type Txn,
} from '@carnet/protocol'
import type { AuthorizationServerEntry, Target } from '@carnet/registry'
import { signJwt } from '@carnet/tokens'
import type { IssuerKeys } from '../ports.ts'
import type { GrantDecision } from './decide.ts'
import type { ExchangeSubject } from './subject.ts'

export interface IssuedGrant {
  readonly idJag: Hidden
  readonly id: TokenId
  readonly subject: Subject
  readonly lifetimeSeconds: number
}

export interface IssueContext {
  readonly self: IssuerId
  readonly keys: Pick<IssuerKeys, 'signer'>
  readonly random: Random
  readonly pairwiseKey: PairwiseKey
  readonly txn: Txn
  readonly now: EpochSeconds
}

/**
 * Signs the ID-JAG. Everything in it is what was registered or granted; nothing is copied from the request.
 *
 * @returns a refusal where the authorization server's subject rule has no name for the person
 * @throws {Fault} `keys-unavailable`
 */
export function issueIdJag(
  { scopes }: Pick<GrantDecision, 'scopes'>,
  { person, signIn }: Pick<ExchangeSubject, 'person' | 'signIn'>,
  { authorizationServer, server, clientIdThere }: Target,
  { self, keys, random, pairwiseKey, txn, now }: IssueContext,
): Result<IssuedGrant, SubjectRefusal> {
  const subject = subjectFor(person, authorizationServer.subjectRule, pairwiseKey)
  if (!subject.ok) return subject

  const id = random.token(16) as TokenId
  const lifetimeSeconds = lifetimeOf(authorizationServer, signIn.endedAt, now)
  const claims = {
    iss: self,
    sub: subject.value,
    aud: authorizationServer.issuer,
    client_id: clientIdThere,
    jti: id,
    iat: now,
    exp: now + lifetimeSeconds,
    resource: server.resource,
    scope: formatScopes(scopes),
    sid: pairwiseSession(signIn.sid, authorizationServer.issuer, pairwiseKey),
    auth_time: signIn.authTime,
    acr: signIn.acr,
    amr: signIn.amr,
    ...releasedClaims(person, authorizationServer.releasedClaims),
    txn,
  }
  const key = keys.signer(authorizationServer.signingAlgorithm, now)
  const idJag = new Hidden(signJwt(claims, { typ: ID_JAG_JWT_TYPE, key }))
  return accept({ idJag, id, subject: subject.value, lifetimeSeconds })
}

/** As long as that server's entry says, and never past the end of the session. */
function lifetimeOf(
  { idJagLifetimeSeconds }: AuthorizationServerEntry,
  sessionEnd: EpochSeconds | undefined,
  now: EpochSeconds,
): number {
  return sessionEnd === undefined ? idJagLifetimeSeconds : Math.min(idJagLifetimeSeconds, sessionEnd - now)
}

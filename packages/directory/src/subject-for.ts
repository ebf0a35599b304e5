/**
 * Names a person, and a sign-in, to one audience.
 *
 * One function serves ID Token, ID-JAG and signals, so an authorization server is told the subject it already
 * knows from sign-on.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-3.1 ID-JAG §3.1}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg OpenID Connect Core §8.1}
 */
import {
  accept,
  assertNever,
  type IssuerId,
  type Result,
  refuse,
  type SessionId,
  type Subject,
  type SubjectRule,
} from '@carnet/protocol'
import { pairwise } from '@carnet/tokens'
import type { Person } from './types.ts'

export type SubjectRefusal = { readonly reason: 'no-external-id' }

/** At least 32 random bytes, kept for as long as the deployment lives: another key is another person everywhere. */
export type PairwiseKey = Uint8Array

/**
 * The subject of a person under the rule of one audience.
 *
 * @returns a refusal where the rule needs an id the directory does not have; another id in its place could be
 * somebody else's
 */
export function subjectFor(
  person: Pick<Person, 'id' | 'externalId'>,
  rule: SubjectRule,
  pairwiseKey: PairwiseKey,
): Result<Subject, SubjectRefusal> {
  switch (rule.kind) {
    case 'directory-id':
      return accept(person.id as string as Subject)
    case 'pairwise':
      return accept(pairwise(pairwiseKey, 'sub', rule.sector, person.id) as Subject)
    case 'external-id':
      if (person.externalId === undefined) return refuse({ reason: 'no-external-id' })
      return accept(person.externalId as Subject)
    default:
      return assertNever(rule)
  }
}

/** The `sid` by which one authorization server knows a sign-in (Δ C-38). */
export function pairwiseSession(sid: SessionId, audience: IssuerId, pairwiseKey: PairwiseKey): SessionId {
  return pairwise(pairwiseKey, 'sid', audience, sid) as SessionId
}

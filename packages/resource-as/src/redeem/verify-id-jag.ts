/**
 * Decides whether an ID-JAG is authentic: of the right type, from an issuer in trust, signed with that issuer's key,
 * meant for this server and complete. What its claims then allow is for `checkClaims` to say.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4.1 ID-JAG §4.4.1}
 */
import {
  accept,
  ID_JAG_JWT_TYPE,
  type IdJagClaims,
  type IssuerId,
  idJagClaims,
  type Result,
  refuse,
} from '@carnet/protocol'
import { peekJwt, type SignatureRefusal, verifiedPayload } from '@carnet/tokens'
import type { TrustedIssuer } from '../ports.ts'
import { type ClaimsRefusal, checkAudience } from './check-claims.ts'
import type { IssuerRefusal, IssuerTrust } from './issuer-trust.ts'

/** Refusals before the issuer's signature has been verified: they all sound the same to the caller (RAS-35). */
export type UnverifiedRefusal =
  | { readonly reason: 'malformed-assertion' }
  | { readonly reason: 'wrong-type'; readonly typ: string }
  | IssuerRefusal
  | SignatureRefusal

export type AssertionRefusal =
  | UnverifiedRefusal
  | { readonly reason: 'invalid-claims'; readonly paths: readonly string[] }
  | ClaimsRefusal

export interface VerifiedAssertion {
  readonly claims: IdJagClaims
  readonly issuer: TrustedIssuer
}

export interface AssertionContext {
  /** This server's own issuer identifier: the only acceptable `aud`. */
  readonly self: IssuerId
  readonly trust: IssuerTrust
}

/**
 * Verifies an ID-JAG: shape, then issuer trust, then signature, then audience and form of the claims.
 *
 * `iss` is read before the signature is checked, but only to choose whose keys to ask for.
 *
 * @param assertion - the compact JWT from the `assertion` parameter: attacker-controlled
 * @returns the verified claims and the trust they stand on, or the first rule the assertion broke
 * @throws {Fault} `keys-unavailable`, from the issuer's key source: not the client's fault
 */
export async function verifyIdJag(
  assertion: string,
  context: AssertionContext,
): Promise<Result<VerifiedAssertion, AssertionRefusal>> {
  const unverified = peekJwt(assertion)
  if (unverified === undefined) return refuse({ reason: 'malformed-assertion' })
  if (unverified.typ !== ID_JAG_JWT_TYPE) return refuse({ reason: 'wrong-type', typ: unverified.typ })

  const trusted = context.trust.find(unverified.iss)
  if (!trusted.ok) return trusted
  const { issuer, keys } = trusted.value

  const payload = await verifiedPayload(assertion, { keys, algorithms: issuer.algorithms })
  if (!payload.ok) return payload

  const audience = checkAudience(payload.value, context.self)
  if (!audience.ok) return audience

  const claims = idJagClaims.safeParse(payload.value)
  if (!claims.success) {
    return refuse({ reason: 'invalid-claims', paths: claims.error.issues.map(({ path }) => path.join('.')) })
  }
  return accept({ claims: claims.data, issuer })
}

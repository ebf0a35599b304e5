/**
 * Which personal claims one audience is given: none unless its entry in the registry says so.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-9.6 ID-JAG §9.6}
 */
import type { Person } from './types.ts'

export interface PersonalClaims {
  readonly email?: string
  readonly email_verified?: boolean
}

/** @param released - what the audience's entry allows */
export function releasedClaims(
  { email, emailVerified }: Pick<Person, 'email' | 'emailVerified'>,
  released: readonly 'email'[],
): PersonalClaims {
  // An address is never given without saying whether it was verified: a receiver may link accounts by it.
  return released.includes('email') && email !== undefined ? { email, email_verified: emailVerified } : {}
}

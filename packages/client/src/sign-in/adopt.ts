/** Takes over a sign-in that something else has made: a desktop agent, an operator, a test. */
import { accept, type Hidden, type IdTokenClaims } from '@carnet/protocol'
import type { Settings } from '../config.ts'
import type { Step } from '../refusal.ts'
import { unverifiedPayload } from '../unverified-payload.ts'
import { checkIdToken } from './id-token.ts'
import { type Identity, identityOf } from './identity.ts'
import { expectation, type SignInIssuer, verifyOverTheWire } from './token-endpoint.ts'

export interface AdoptedIdentity {
  readonly idToken: Hidden
  readonly refreshToken?: Hidden
  /** For an issuer that publishes no keys. The issuer itself still verifies the token at every exchange. */
  readonly unsafeSkipSignature?: true
}

export async function adoptIdToken(
  { idToken, refreshToken, unsafeSkipSignature }: AdoptedIdentity,
  { metadata, keys }: SignInIssuer,
  settings: Settings,
): Promise<Step<Identity>> {
  const expected = expectation(metadata, settings, { nonce: undefined, subject: undefined }, settings.clock.now())
  const claims: Step<IdTokenClaims> =
    unsafeSkipSignature === true
      ? checkIdToken(unverifiedPayload(idToken.reveal()), expected)
      : await verifyOverTheWire(idToken.reveal(), expected, keys)
  if (!claims.ok) return claims
  const response = refreshToken === undefined ? {} : { refresh_token: refreshToken.reveal() }
  return accept(identityOf(metadata, claims.value, idToken.reveal(), response))
}

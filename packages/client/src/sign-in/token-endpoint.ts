/** The two grants of the sign-in: the code, and later the refresh token. */
import {
  type AuthorizationServerMetadata,
  accept,
  type EpochSeconds,
  type Hidden,
  type IdTokenClaims,
  type Subject,
} from '@carnet/protocol'
import type { KeySource } from '@carnet/tokens'
import type { Settings } from '../config.ts'
import { overTheWire } from '../http/ask.ts'
import { explanationIn } from '../http/oauth-refusal.ts'
import { requestToken } from '../http/token-request.ts'
import { type Step, stop } from '../refusal.ts'
import type { PendingSignIn } from './authorization-request.ts'
import { type ExpectedIdToken, verifyIdToken } from './id-token.ts'
import { type Identity, identityOf, signInResponse } from './identity.ts'

/** Tolerated difference between the issuer's clock and this machine's, in seconds. */
export const CLOCK_SKEW_SECONDS = 60

/** The issuer as it describes itself, and its keys. */
export interface SignInIssuer {
  readonly metadata: AuthorizationServerMetadata
  readonly keys: KeySource
}

export async function redeemCode(
  code: Hidden,
  pending: PendingSignIn,
  issuer: SignInIssuer,
  settings: Settings,
): Promise<Step<Identity>> {
  const params = {
    grant_type: 'authorization_code',
    code: code.reveal(),
    redirect_uri: pending.redirectUri,
    code_verifier: pending.verifier.reveal(),
  }
  return identityFrom(params, { nonce: pending.nonce, subject: undefined }, issuer, settings)
}

/** Renews the ID Token without the person. */
export async function refresh(identity: Identity, issuer: SignInIssuer, settings: Settings): Promise<Step<Identity>> {
  if (identity.refreshToken === undefined) return stop('sign-in', 'sign-in-ended')
  const params = { grant_type: 'refresh_token', refresh_token: identity.refreshToken.reveal() }
  const renewed = await identityFrom(
    params,
    { nonce: undefined, subject: identity.subject },
    issuer,
    settings,
    identity,
  )
  const { refusal } = renewed.ok ? { refusal: undefined } : renewed
  // The refresh token no longer works, or gives no ID Token: only the person can help.
  const ended = refusal?.reason === 'code-refused' || refusal?.reason === 'id-token-missing'
  return ended ? stop('sign-in', 'sign-in-ended') : renewed
}

async function identityFrom(
  params: Readonly<Record<string, string>>,
  who: { readonly nonce: string | undefined; readonly subject: Subject | undefined },
  { metadata, keys }: SignInIssuer,
  settings: Settings,
  before?: Identity,
): Promise<Step<Identity>> {
  const answer = await requestToken({ leg: 'sign-in', metadata, credentials: settings.client, params }, settings)
  if (!answer.ok) return answer
  if (answer.value.kind === 'refused') {
    const { error } = answer.value
    const aboutClient = error.error === 'invalid_client' || error.error === 'unauthorized_client'
    return stop('sign-in', aboutClient ? 'client-not-accepted' : 'code-refused', explanationIn(error))
  }
  const response = signInResponse.safeParse(answer.value.json)
  if (!response.success) return stop('sign-in', 'answer-malformed')
  const idToken = response.data.id_token
  if (idToken === undefined) return stop('sign-in', 'id-token-missing')

  const expected = expectation(metadata, settings, who, settings.clock.now())
  const verified = await verifyOverTheWire(idToken, expected, keys)
  return verified.ok ? accept(identityOf(metadata, verified.value, idToken, response.data, before)) : verified
}

export function expectation(
  { issuer }: AuthorizationServerMetadata,
  { client }: Settings,
  who: Pick<ExpectedIdToken, 'nonce' | 'subject'>,
  now: EpochSeconds,
): ExpectedIdToken {
  return { issuer, client: client.id, ...who, now, skewSeconds: CLOCK_SKEW_SECONDS }
}

/** Keys that cannot be had are the issuer's outage, not a bad token. */
export async function verifyOverTheWire(
  idToken: string,
  expected: ExpectedIdToken,
  keys: KeySource,
): Promise<Step<IdTokenClaims>> {
  const verified = await overTheWire('sign-in', () => verifyIdToken(idToken, expected, keys))
  return verified.ok ? verified.value : verified
}

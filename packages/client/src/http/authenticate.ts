/**
 * How this client authenticates at a token endpoint, by what the server's metadata offers.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749 §2.3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.2 RFC 7523 §2.2}
 */
import {
  accept,
  CLIENT_ASSERTION_JWT_TYPE,
  CLIENT_ASSERTION_TYPE,
  type EpochSeconds,
  type IssuerId,
  type Random,
} from '@carnet/protocol'
import { type SigningKey, signJwt } from '@carnet/tokens'
import type { Credentials } from '../config.ts'
import { type Leg, type Step, stop } from '../refusal.ts'

const CLIENT_ASSERTION_LIFETIME_SECONDS = 60

/** What authentication adds to a token request. */
export interface Authentication {
  readonly headers: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
}

/** The authorization server a request goes to, as far as authentication is concerned. */
export interface AuthenticationTarget {
  readonly issuer: IssuerId
  /** `token_endpoint_auth_methods_supported`; RFC 8414 says what its absence means. */
  readonly methods: readonly string[] | undefined
}

export type AuthenticationMethod = 'private_key_jwt' | 'client_secret_basic' | 'client_secret_post' | 'none'

/** The strongest method that both sides have. */
export function chooseMethod(
  { secret, privateKey }: Credentials,
  methods: readonly string[] | undefined,
): AuthenticationMethod | undefined {
  const offered = (method: AuthenticationMethod) => methods?.includes(method) ?? method === 'client_secret_basic'
  if (privateKey !== undefined && (methods === undefined || offered('private_key_jwt'))) return 'private_key_jwt'
  if (secret !== undefined) {
    if (offered('client_secret_basic')) return 'client_secret_basic'
    return offered('client_secret_post') ? 'client_secret_post' : undefined
  }
  return privateKey === undefined && (methods === undefined || offered('none')) ? 'none' : undefined
}

/** @param now - issue time of a client assertion, on this machine's clock */
export function authenticate(
  leg: Leg,
  credentials: Credentials,
  target: AuthenticationTarget,
  now: EpochSeconds,
  random: Random,
): Step<Authentication> {
  const { id, secret, privateKey } = credentials
  const method = chooseMethod(credentials, target.methods)
  if (method === 'private_key_jwt' && privateKey !== undefined) {
    return accept({ headers: {}, params: assertionParams(credentials, privateKey, target.issuer, now, random) })
  }
  if (method === 'client_secret_basic' && secret !== undefined) {
    const userAndPassword = `${formEncoded(id)}:${formEncoded(secret.reveal())}`
    return accept({
      headers: { authorization: `Basic ${Buffer.from(userAndPassword).toString('base64')}` },
      params: {},
    })
  }
  if (method === 'client_secret_post' && secret !== undefined) {
    return accept({ headers: {}, params: { client_id: id, client_secret: secret.reveal() } })
  }
  if (method === 'none') return accept({ headers: {}, params: { client_id: id } })
  return stop(leg, 'no-usable-authentication')
}

function assertionParams(
  { id }: Credentials,
  key: SigningKey,
  issuer: IssuerId,
  now: EpochSeconds,
  random: Random,
): Record<string, string> {
  const claims = {
    iss: id,
    sub: id,
    aud: issuer,
    jti: random.token(16),
    iat: now,
    exp: now + CLIENT_ASSERTION_LIFETIME_SECONDS,
  }
  return {
    client_id: id,
    client_assertion_type: CLIENT_ASSERTION_TYPE,
    client_assertion: signJwt(claims, { typ: CLIENT_ASSERTION_JWT_TYPE, key }),
  }
}

function formEncoded(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1)
}

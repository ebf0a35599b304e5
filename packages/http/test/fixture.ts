/** A server with a few registered clients, all in memory. */
import {
  CLIENT_ASSERTION_TYPE,
  type ClientId,
  type EpochSeconds,
  type IssuerId,
  type ReplayGuard,
} from '@carnet/protocol'
import { NOW } from '@carnet/testing'
import { generateSigningKey, hashSecret, publicJwks, type SigningKey, signJwt } from '@carnet/tokens'
import type { AuthenticatingClient, ClientAuthenticationContext } from '../src/index.ts'
import { createRateLimits, Form, type RateLimitSettings } from '../src/index.ts'

export const SELF = 'https://idp.acme.test' as IssuerId
export const CLIENT = 'app-a' as ClientId
export const SECRET = 'k9~secret_of.app-A'
export const SKEW_SECONDS = 60

export const clientKey = await generateSigningKey('ES256', { kid: 'app-a-1' })

/** More than any test asks for. */
export const AMPLE: RateLimitSettings = {
  perSource: { burst: 10_000, perSecond: 1000 },
  perClient: { burst: 10_000, perSecond: 1000 },
  failures: { burst: 10_000, perSecond: 1000 },
  failuresPerSource: { burst: 10_000, perSecond: 1000 },
}

export function client(change: Partial<AuthenticatingClient> = {}): AuthenticatingClient {
  return {
    id: CLIENT,
    enabled: true,
    authMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    secrets: [{ sha256: hashSecret(SECRET), until: undefined }],
    jwks: publicJwks([clientKey]),
    ...change,
  }
}

export function context(
  clients: readonly AuthenticatingClient[],
  change: Partial<ClientAuthenticationContext<AuthenticatingClient>> = {},
): ClientAuthenticationContext<AuthenticatingClient> {
  return {
    self: SELF,
    clients: { find: (id) => clients.find((candidate) => candidate.id === id) },
    replay: memoryReplayGuard(),
    limits: createRateLimits(AMPLE),
    now: NOW,
    skewSeconds: SKEW_SECONDS,
    ...change,
  }
}

export function form(parameters: Readonly<Record<string, string>>): Form {
  return new Form(new Map(Object.entries(parameters).map(([name, value]) => [name, [value]])))
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

export const validAssertion = {
  iss: CLIENT,
  sub: CLIENT,
  aud: SELF,
  jti: 'assertion-1',
  iat: NOW,
  exp: NOW + 60,
} as const

export interface AssertionChange {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly typ?: string
  readonly key?: SigningKey
}

export function clientAssertion({ claims = {}, typ = 'JWT', key = clientKey }: AssertionChange = {}): string {
  return signJwt({ ...validAssertion, ...claims }, { typ, key })
}

export function assertionForm(assertion: string, more: Readonly<Record<string, string>> = {}): Form {
  return form({ client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: assertion, ...more })
}

export interface ReplayGuardWithMemory extends ReplayGuard {
  readonly claims: readonly { readonly scope: string; readonly id: string; readonly until: EpochSeconds }[]
}

export function memoryReplayGuard(): ReplayGuardWithMemory {
  const claims: { scope: string; id: string; until: EpochSeconds }[] = []
  return {
    claims,
    claim: async (scope, id, until) => {
      if (claims.some((earlier) => earlier.scope === scope && earlier.id === id)) return 'seen'
      claims.push({ scope, id, until })
      return 'first'
    },
  }
}

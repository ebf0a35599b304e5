/**
 * The claim sets Carnet issues and reads.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-3.1 ID-JAG §3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 RFC 9068 §2.2}
 */
import { z } from 'zod'
import type {
  AccountId,
  ClientId,
  EpochSeconds,
  IssuerId,
  ResourceId,
  SessionId,
  Subject,
  TenantId,
  TokenId,
  Txn,
} from '../ids.ts'
import { resourceKey } from '../resource.ts'

/** Longest accepted `jti`, in characters: stored ids must not be a way to fill the store. */
export const MAX_JTI_LENGTH = 256

/** Half a surrogate pair would be stored as another character, a NUL not at all: two names must never become one. */
const STORABLE = /^[^\0\p{Cs}]*$/u

const text = z.string().min(1).max(2048).regex(STORABLE)
/** A string that becomes branded because its claim says what it is. */
const named = <Brand extends string>() => text.transform((value) => value as Brand)
const instant = z
  .number()
  .int()
  .nonnegative()
  .transform((value) => value as EpochSeconds)
const jti = z
  .string()
  .min(1)
  .max(MAX_JTI_LENGTH)
  .regex(STORABLE)
  .transform((value) => value as TokenId)
const resource = text.refine((value) => resourceKey(value) !== undefined).transform((value) => value as ResourceId)

/** One audience, or an array holding exactly that one (Δ C-20). */
const soleAudience = z
  .union([text, z.tuple([text])])
  .transform((value) => (typeof value === 'string' ? value : value[0]) as IssuerId)

const authenticationContext = {
  auth_time: instant.optional(),
  acr: text.optional(),
  amr: z.array(text).max(20).optional(),
}

export const idJagClaims = z.object({
  iss: named<IssuerId>(),
  sub: named<Subject>(),
  aud: soleAudience,
  client_id: named<ClientId>(),
  jti,
  exp: instant,
  iat: instant,
  nbf: instant.optional(),
  /** One resource, or several of which the request must choose (Δ C-02). */
  resource: z.union([resource, z.array(resource).min(1).max(20)]).optional(),
  scope: z.string().min(1).max(8192).optional(),
  tenant: named<TenantId>().optional(),
  email: text.optional(),
  email_verified: z.boolean().optional(),
  sid: named<SessionId>().optional(),
  txn: z.string().max(256).optional(),
  cnf: z.record(z.string(), z.unknown()).optional(),
  /** Recorded, never authority (Δ C-28). */
  act: z.record(z.string(), z.unknown()).optional(),
  ...authenticationContext,
})
export type IdJagClaims = z.output<typeof idJagClaims>

export const accessTokenClaims = z.object({
  iss: named<IssuerId>(),
  sub: named<AccountId>(),
  aud: z.union([resource, z.array(resource).min(1).max(20)]),
  client_id: named<ClientId>(),
  jti,
  exp: instant,
  iat: instant,
  nbf: instant.optional(),
  scope: z.string().max(8192).optional(),
  tenant: named<TenantId>().optional(),
  sid: named<SessionId>().optional(),
  txn: text.transform((value) => value as Txn).optional(),
  cnf: z.record(z.string(), z.unknown()).optional(),
  ...authenticationContext,
})
export type AccessTokenClaims = z.output<typeof accessTokenClaims>

/** What the issuer needs of one of its own ID Tokens when it comes back as a subject token. */
export const idTokenClaims = z.object({
  iss: named<IssuerId>(),
  sub: named<Subject>(),
  aud: z.union([named<ClientId>(), z.array(named<ClientId>()).min(1).max(20)]),
  azp: named<ClientId>().optional(),
  exp: instant,
  iat: instant,
  nbf: instant.optional(),
  nonce: text.optional(),
  sid: named<SessionId>().optional(),
  ...authenticationContext,
})
export type IdTokenClaims = z.output<typeof idTokenClaims>

/** A JWT that authenticates a client (RFC 7523 §3; aud is the issuer only, Δ C-22). */
export const clientAssertionClaims = z.object({
  iss: named<ClientId>(),
  sub: named<ClientId>(),
  aud: soleAudience,
  jti,
  exp: instant,
  iat: instant.optional(),
  nbf: instant.optional(),
})
export type ClientAssertionClaims = z.output<typeof clientAssertionClaims>

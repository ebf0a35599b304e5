/** What is kept of a sign-in. */
import {
  type AuthorizationServerMetadata,
  type EpochSeconds,
  Hidden,
  type IdTokenClaims,
  type IssuerId,
  type Subject,
} from '@carnet/protocol'
import { z } from 'zod'
import type { Settings } from '../config.ts'

/** The person who is signed in, with what proves it to the issuer. */
export interface Identity {
  readonly issuer: IssuerId
  readonly subject: Subject
  readonly idToken: Hidden
  readonly idTokenExpiresAt: EpochSeconds
  readonly refreshToken: Hidden | undefined
  /** For the issuer's own endpoints: the list of servers. */
  readonly issuerAccessToken: Hidden | undefined
}

/** The members of a token response that a sign-in or its renewal uses. */
export const signInResponse = z.object({
  access_token: z.string().min(1).optional(),
  id_token: z.string().min(1).optional(),
  refresh_token: z.string().min(1).optional(),
})
export type SignInResponse = z.output<typeof signInResponse>

/** @param before - what was kept until now: a renewal may leave the refresh token as it is */
export function identityOf(
  { issuer }: AuthorizationServerMetadata,
  claims: IdTokenClaims,
  idToken: string,
  { access_token, refresh_token }: SignInResponse,
  before?: Identity,
): Identity {
  return {
    issuer,
    subject: claims.sub,
    idToken: new Hidden(idToken),
    idTokenExpiresAt: claims.exp,
    refreshToken: refresh_token === undefined ? before?.refreshToken : new Hidden(refresh_token),
    issuerAccessToken: access_token === undefined ? undefined : new Hidden(access_token),
  }
}

const stored = z.strictObject({
  issuer: z.string().transform((value) => value as IssuerId),
  subject: z.string().transform((value) => value as Subject),
  idToken: z.string(),
  idTokenExpiresAt: z.number().transform((value) => value as EpochSeconds),
  refreshToken: z.string().optional(),
  issuerAccessToken: z.string().optional(),
})

/** One sign-in per issuer and client of one store. */
export function identityKey({ issuer, client }: Settings): string {
  return JSON.stringify(['sign-in', issuer, client.id])
}

export async function readIdentity(settings: Settings): Promise<Identity | undefined> {
  const text = await settings.store.read(identityKey(settings))
  if (text === undefined) return undefined
  const entry = stored.safeParse(JSON.parse(text.reveal()))
  // An entry of another version of this library is as good as none: the person signs in again.
  if (!entry.success) return undefined
  const { idToken, refreshToken, issuerAccessToken, ...rest } = entry.data
  return {
    ...rest,
    idToken: new Hidden(idToken),
    refreshToken: refreshToken === undefined ? undefined : new Hidden(refreshToken),
    issuerAccessToken: issuerAccessToken === undefined ? undefined : new Hidden(issuerAccessToken),
  }
}

export async function writeIdentity(identity: Identity, settings: Settings): Promise<void> {
  const { idToken, refreshToken, issuerAccessToken, ...rest } = identity
  const text = JSON.stringify({
    ...rest,
    idToken: idToken.reveal(),
    refreshToken: refreshToken?.reveal(),
    issuerAccessToken: issuerAccessToken?.reveal(),
  })
  await settings.store.write(identityKey(settings), new Hidden(text))
}

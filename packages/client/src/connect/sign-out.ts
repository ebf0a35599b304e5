/**
 * Ends what this client holds: revokes where that is offered, and wipes in any case.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009 RFC 7009}
 */
import type { MetadataCache } from '@carnet/net'
import type { Hidden, IssuerId } from '@carnet/protocol'
import type { Credentials, Settings } from '../config.ts'
import { findIssuerMetadata } from '../discovery/metadata.ts'
import { postForm } from '../http/token-request.ts'
import { type Identity, identityKey } from '../sign-in/identity.ts'
import type { Session } from '../sign-in/session.ts'
import { isAccessKey, readAccess } from './access-cache.ts'

export interface SignOutReport {
  /** How many tokens the servers were told to forget. */
  readonly revoked: number
  /** Servers that offer no revocation or could not be reached; what they issued ends by itself, soon. */
  readonly notRevokedAt: readonly IssuerId[]
}

export async function signOut(session: Session, metadata: MetadataCache, settings: Settings): Promise<SignOutReport> {
  const identity = await session.person()
  const ended = await dropAccess(() => true, metadata, settings)
  await settings.store.remove(identityKey(settings))
  const refreshToken = identity?.refreshToken
  if (refreshToken === undefined) return ended
  const own = await revoke(refreshToken, 'refresh_token', settings.issuer, settings.client, metadata, settings)
  return own
    ? { ...ended, revoked: ended.revoked + 1 }
    : { ...ended, notRevokedAt: [...ended.notRevokedAt, settings.issuer] }
}

/** Drops the tokens of everybody but the person who has just signed in. */
export function dropOthers({ subject }: Identity, metadata: MetadataCache, settings: Settings): Promise<SignOutReport> {
  const belongsToOther = (key: string) => !isAccessKey(key, settings, subject)
  return dropAccess(belongsToOther, metadata, settings)
}

async function dropAccess(
  concerns: (key: string) => boolean,
  metadata: MetadataCache,
  settings: Settings,
): Promise<SignOutReport> {
  const keys = (await settings.store.keys()).filter((key) => isAccessKey(key, settings) && concerns(key))
  const results = await Promise.all(
    keys.map(async (key) => {
      const access = await readAccess(key, settings)
      // Wiped first: a server that cannot be reached must not keep the token on this machine.
      await settings.store.remove(key)
      const credentials = access && settings.registrations.get(access.authorizationServer)
      if (access === undefined || credentials === undefined) return undefined
      const { accessToken, authorizationServer } = access
      const done = await revoke(accessToken, 'access_token', authorizationServer, credentials, metadata, settings)
      return { done, authorizationServer }
    }),
  )
  const known = results.filter((result) => result !== undefined)
  return {
    revoked: known.filter(({ done }) => done).length,
    notRevokedAt: known.filter(({ done }) => !done).map(({ authorizationServer }) => authorizationServer),
  }
}

async function revoke(
  token: Hidden,
  kind: 'access_token' | 'refresh_token',
  issuer: IssuerId,
  credentials: Credentials,
  cache: MetadataCache,
  settings: Settings,
): Promise<boolean> {
  const metadata = await findIssuerMetadata(issuer, 'sign-in', cache)
  if (!metadata.ok) return false
  const { revocation_endpoint: url } = metadata.value
  if (url === undefined) return false
  const params = { token: token.reveal(), token_type_hint: kind }
  const answer = await postForm({ leg: 'sign-in', metadata: metadata.value, credentials, params, url }, settings)
  return answer.ok && answer.value.kind === 'issued'
}

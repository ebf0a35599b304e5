/**
 * The issuer's refresh tokens, for a token exchange that has one as its subject.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.3 ID-JAG §4.3.3}
 */
import type { EpochSeconds } from '@carnet/protocol'
import type { RefreshTokenFacts, RefreshTokens } from '../ports.ts'
import { hashOfValue, payloadOf } from './adapter.ts'
import type { OidcRecord, OidcRecords } from './ports.ts'

export function createRefreshTokens(records: OidcRecords): RefreshTokens {
  return {
    async find(value) {
      const record = await records.find('RefreshToken', hashOfValue(value))
      if (record === undefined || record.consumedAt !== undefined || record.grantId === undefined) return undefined
      const [grant, session] = await Promise.all([
        records.find('Grant', hashOfValue(record.grantId)),
        isBoundToSession(record) ? records.findByUid('Session', payloadOf(record).sessionUid ?? '') : 'unbound',
      ])
      return grant === undefined || session === undefined ? undefined : factsOf(record)
    },
  }
}

function factsOf(record: OidcRecord): RefreshTokenFacts | undefined {
  const { client, sid, expiresAt } = record
  const { authTime, iat } = payloadOf(record)
  // Counted from the sign-in, as at the refresh grant: a rotation is no new start.
  const issuedAt = (authTime ?? iat) as EpochSeconds | undefined
  if (client === undefined || sid === undefined || expiresAt === undefined || issuedAt === undefined) return undefined
  return { client, sid, issuedAt, expiresAt }
}

/** Without offline access a refresh token lives no longer than the browser session. */
function isBoundToSession(record: OidcRecord): boolean {
  return payloadOf(record).expiresWithSession === true
}

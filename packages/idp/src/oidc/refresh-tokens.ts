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
      const grant = await records.find('Grant', hashOfValue(record.grantId))
      return grant && factsOf(record, grant)
    },
  }
}

function factsOf(token: OidcRecord, grant: OidcRecord): RefreshTokenFacts | undefined {
  const { client, sid } = token
  const { authTime, iat } = payloadOf(token)
  // Counted from the sign-in, as at the refresh grant: a rotation is no new start.
  const issuedAt = (authTime ?? iat) as EpochSeconds | undefined
  if (client === undefined || sid === undefined || issuedAt === undefined) return undefined
  if (token.expiresAt === undefined || grant.expiresAt === undefined) return undefined
  return { client, sid, issuedAt, expiresAt: Math.min(token.expiresAt, grant.expiresAt) as EpochSeconds }
}

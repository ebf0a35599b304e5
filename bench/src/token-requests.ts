/** The two requests of the token path, as a client sends them. */
import {
  ID_JAG_JWT_TYPE,
  ID_JAG_TOKEN_TYPE,
  ID_TOKEN_TYPE,
  JWT_BEARER_GRANT,
  TOKEN_EXCHANGE_GRANT,
} from '@carnet/protocol'
import { signJwt, systemClock, systemRandom } from '@carnet/tokens'
import type { FreshBodies } from './load.ts'
import { type Organisation, type OrganisationWithKey, SCOPES } from './organisation.ts'

export function exchangeBody({ authorizationServer, resource }: Organisation, idToken: string): string {
  return new URLSearchParams({
    grant_type: TOKEN_EXCHANGE_GRANT,
    requested_token_type: ID_JAG_TOKEN_TYPE,
    subject_token: idToken,
    subject_token_type: ID_TOKEN_TYPE,
    audience: authorizationServer,
    resource,
    scope: SCOPES.join(' '),
  }).toString()
}

export function redemptionBody(idJag: string): string {
  return new URLSearchParams({ grant_type: JWT_BEARER_GRANT, assertion: idJag }).toString()
}

/** More than any round has used; whatever is missing is signed when it is asked for. */
const PREPARED_PER_SECOND = 4000
const PEOPLE = 100

/** A fresh ID-JAG for every request, signed by the issuer that runs nowhere, for a hundred people in turn. */
export function freshRedemptions({ organisation, keyOfElsewhere }: OrganisationWithKey): FreshBodies {
  const { elsewhere, authorizationServer, clientThere, resource } = organisation
  const ready: string[] = []
  let number = 0
  const make = () => {
    const now = systemClock.now()
    const claims = {
      iss: elsewhere.issuer,
      sub: `person-${number++ % PEOPLE}`,
      aud: authorizationServer,
      client_id: clientThere.id,
      jti: systemRandom.token(16),
      iat: now,
      exp: now + 300,
      resource,
      scope: SCOPES.join(' '),
      sid: 'session-1',
      auth_time: now,
      acr: '0',
      amr: ['pwd'],
      txn: systemRandom.token(16),
    }
    return redemptionBody(signJwt(claims, { typ: ID_JAG_JWT_TYPE, key: keyOfElsewhere }))
  }
  return {
    prepare(seconds) {
      while (ready.length < seconds * PREPARED_PER_SECOND) ready.push(make())
    },
    next: () => ready.pop() ?? make(),
  }
}

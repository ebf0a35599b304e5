/**
 * Who may still be spoken for: asked whenever a code, a refresh token or an access token of the issuer is used.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3.3 ID-JAG §4.3.3}
 */
import type { PeopleReader, Person, SignInReader } from '@carnet/directory'
import { type ClientId, type EpochSeconds, type PersonId, type SessionId, SOLE_TENANT } from '@carnet/protocol'
import type { RevocationIndex } from '@carnet/revocation'
import type { Account } from 'oidc-provider'

export interface AccountPorts {
  readonly people: PeopleReader
  readonly signIns: SignInReader
  readonly revocations: Pick<RevocationIndex, 'find'>
}

/** What an artefact says of the sign-in it came from. */
export interface ArtefactFacts {
  readonly clientId?: string | undefined
  readonly sid?: string | undefined
  readonly authTime?: number | undefined
  readonly iat?: number | undefined
}

/** The person, while the account is active. */
export async function activePerson(
  id: PersonId,
  { people }: Pick<AccountPorts, 'people'>,
): Promise<Person | undefined> {
  const person = await people.find(id)
  return person?.active === true ? person : undefined
}

/** The person behind an artefact, or `undefined` once it may no longer be used. */
export async function personBehind(
  id: PersonId,
  artefact: ArtefactFacts,
  { people, signIns, revocations }: AccountPorts,
): Promise<Person | undefined> {
  const person = await activePerson(id, { people })
  if (person === undefined) return undefined
  if (isRevoked(person.id, artefact, revocations)) return undefined
  if (artefact.sid === undefined) return person
  const signIn = await signIns.find(artefact.sid as SessionId)
  return signIn?.endedAt === undefined ? person : undefined
}

/** Counted from the sign-in itself: what was renewed after the cut-off still stems from before it. */
export function isRevoked(
  person: PersonId,
  { clientId, sid, authTime, iat }: ArtefactFacts,
  revocations: Pick<RevocationIndex, 'find'>,
): boolean {
  const record = revocations.find({
    tenant: SOLE_TENANT,
    subject: person,
    client: (clientId ?? '') as ClientId,
    session: sid as SessionId | undefined,
    resource: undefined,
    token: undefined,
    issuedAt: (authTime ?? iat ?? 0) as EpochSeconds,
  })
  return record !== undefined
}

/** The person as `oidc-provider` asks for an account. Which claims are told is a matter of the scopes. */
export function accountOf(person: Person): Account {
  return {
    accountId: person.id,
    claims: () => ({
      sub: person.id,
      name: person.displayName,
      preferred_username: person.username,
      ...(person.email !== undefined && { email: person.email, email_verified: person.emailVerified }),
    }),
  }
}

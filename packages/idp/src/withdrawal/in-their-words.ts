/**
 * Says what the issuer withdrew in the words of one Resource Authorization Server: the subject, session id or client id
 * that server knows from the ID-JAGs issued for it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9493 RFC 9493}
 */
import { type PairwiseKey, type PeopleReader, pairwiseSession, subjectFor } from '@carnet/directory'
import type { ClientId, PersonId, SessionId, Subject } from '@carnet/protocol'
import type { AuthorizationServerEntry, RegistryReader } from '@carnet/registry'
import type { RevocationTarget } from '@carnet/revocation'

/** Whom it concerns, as that server knows them. */
export type WithdrawnThere =
  | { readonly subject: Subject }
  | { readonly session: SessionId }
  | { readonly client: ClientId }

export interface TheirWordsContext {
  readonly registry: RegistryReader
  readonly people: Pick<PeopleReader, 'find'>
  readonly pairwiseKey: PairwiseKey
}

/** @returns `undefined` where that server never heard of whom it concerns */
export async function inTheirWords(
  target: RevocationTarget,
  { issuer, subjectRule }: AuthorizationServerEntry,
  { registry, people, pairwiseKey }: TheirWordsContext,
): Promise<WithdrawnThere | undefined> {
  switch (target.kind) {
    case 'subject': {
      const person = await people.find(target.subject as PersonId)
      const subject = person && subjectFor(person, subjectRule, pairwiseKey)
      return subject?.ok === true ? { subject: subject.value } : undefined
    }
    case 'session':
      return { session: pairwiseSession(target.session, issuer, pairwiseKey) }
    case 'client': {
      const there = registry.current().clients.get(target.client)?.registrations[issuer]
      return there === undefined ? undefined : { client: there }
    }
    case 'resource':
    case 'token':
    case 'everything':
      return undefined
  }
}

/** What the OpenID side of the issuer needs from outside. */

import type { SignIn, SignInReader } from '@carnet/directory'
import type { ClientId, EpochSeconds, PersonId, SessionId, Unsubscribe } from '@carnet/protocol'
import type { SigningKey } from '@carnet/tokens'

/** An artefact of the OpenID provider: a session, a code, a refresh token, an interaction, … */
export interface OidcRecord {
  /** The kind of artefact, as `oidc-provider` names it. */
  readonly model: string
  /** SHA-256 of the value that names it. The value itself is a bearer credential and is never kept. */
  readonly idHash: string
  /** The second name of a session, which is not a credential. */
  readonly uid: string | undefined
  readonly grantId: string | undefined
  readonly person: PersonId | undefined
  readonly client: ClientId | undefined
  readonly sid: SessionId | undefined
  /** JSON. Every occurrence of the artefact's own value has been taken out. */
  readonly payload: string
  readonly consumedAt: EpochSeconds | undefined
  readonly expiresAt: EpochSeconds | undefined
}

/** Keeps the artefacts of the OpenID provider for all processes of a deployment. */
export interface OidcRecords {
  /** Writes the record, in place of an earlier one with the same model and hash; that one's consumption stays. */
  save(record: OidcRecord): Promise<void>
  find(model: string, idHash: string): Promise<OidcRecord | undefined>
  findByUid(model: string, uid: string): Promise<OidcRecord | undefined>
  /** Marks a single-use artefact as used, in one atomic step: `first` to exactly one caller. */
  consume(model: string, idHash: string, at: EpochSeconds): Promise<'first' | 'seen'>
  remove(model: string, idHash: string): Promise<void>
  /** Removes the artefacts of one model that hang on a grant, and answers the sign-ins they belonged to. */
  removeByGrant(model: string, grantId: string): Promise<readonly SessionId[]>
  /** Removes every artefact of a person: sessions, codes, grants, refresh tokens, offline ones included. */
  removePerson(person: PersonId): Promise<void>
  /** Makes the refresh tokens of a grant belong to another sign-in. */
  moveGrant(grantId: string, sid: SessionId): Promise<void>
}

/** Keeps sign-ins. */
export interface SignInRecords extends SignInReader {
  /** Keeps a new sign-in; one that is already known stays as it is. */
  record(signIn: SignIn): Promise<void>
  /** Ends one sign-in. Ending it twice keeps the first instant. */
  end(target: { readonly sid: SessionId } | { readonly person: PersonId }, at: EpochSeconds): Promise<void>
}

/** Keeps the issuer's signing keys for all processes; private keys are sealed at rest. */
export interface SigningKeyStore {
  load(): Promise<readonly SigningKey[]>
  /** Replaces the keys by what `decide` makes of them, one caller at a time across all processes. */
  change(decide: (keys: readonly SigningKey[]) => readonly SigningKey[]): Promise<readonly SigningKey[]>
  /** Calls back when any process may have changed the keys. */
  onChange(listener: () => void): Unsubscribe
}

/** What authenticating a client needs to know of it. Each authorization server keeps a record of its own kind. */
import type { ClientId, EpochSeconds } from '@carnet/protocol'

export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'

/** A stored secret: SHA-256 of 256 random bits, so that the store gives nothing away (IDP-17). */
export interface ClientSecretHash {
  /** As `hashSecret` of `@carnet/tokens` writes it. */
  readonly sha256: string
  /** Accepted until then; set on the old secret of a rotation. */
  readonly until: EpochSeconds | undefined
}

export interface AuthenticatingClient {
  readonly id: ClientId
  readonly enabled: boolean
  /** The methods the client registered; any other is refused. */
  readonly authMethods: readonly ClientAuthMethod[]
  readonly secrets: readonly ClientSecretHash[]
  /** Public keys for `private_key_jwt`, as a JWK set document. */
  readonly jwks: unknown
}

/** Finds the record of a client, if there is one. */
export interface ClientDirectory<Client extends AuthenticatingClient> {
  /** @param id - attacker-controlled */
  find(id: ClientId): Client | undefined | Promise<Client | undefined>
}

/** The sign-in of this store: begun once, renewed by one process at a time, shared by all. */
import { createRemoteKeySource, type MetadataCache } from '@carnet/net'
import { accept } from '@carnet/protocol'
import type { KeySource } from '@carnet/tokens'
import type { Settings } from '../config.ts'
import { findIssuerMetadata } from '../discovery/metadata.ts'
import { type Leg, type Step, stop } from '../refusal.ts'
import { type AdoptedIdentity, adoptIdToken } from './adopt.ts'
import type { SignInOptions } from './authorization-request.ts'
import { type Identity, identityKey, readIdentity, writeIdentity } from './identity.ts'
import { signInThroughBrowser } from './sign-in.ts'
import { refresh, type SignInIssuer } from './token-endpoint.ts'

/** An ID Token that ends within this time is renewed before it is used. */
const RENEWAL_LEAD_SECONDS = 30

export class Session {
  readonly #settings: Settings
  readonly #metadata: MetadataCache
  #keys: KeySource | undefined
  #signingIn: Promise<Step<Identity>> | undefined

  constructor(settings: Settings, metadata: MetadataCache) {
    this.#settings = settings
    this.#metadata = metadata
  }

  /** The company's IdP: named by configuration and by nothing else (CLI-01). */
  async issuer(leg: Leg): Promise<Step<SignInIssuer>> {
    const { issuer, http, clock } = this.#settings
    const metadata = await findIssuerMetadata(issuer, leg, this.#metadata)
    if (!metadata.ok) return metadata
    this.#keys ??= createRemoteKeySource({ issuer, jwksUri: metadata.value.jwks_uri, http, clock })
    return accept({ metadata: metadata.value, keys: this.#keys })
  }

  /** Who is signed in, however old the proof of it. */
  person(): Promise<Identity | undefined> {
    return readIdentity(this.#settings)
  }

  /** Opens the browser once, however many ask for it at the same time. */
  signIn(options: SignInOptions): Promise<Step<Identity>> {
    this.#signingIn ??= this.#signIn(options).finally(() => {
      this.#signingIn = undefined
    })
    return this.#signingIn
  }

  async #signIn(options: SignInOptions): Promise<Step<Identity>> {
    const issuer = await this.issuer('sign-in')
    if (!issuer.ok) return issuer
    const identity = await signInThroughBrowser(issuer.value, options, this.#settings)
    return identity.ok ? this.#keep(identity.value) : identity
  }

  async adopt(adopted: AdoptedIdentity): Promise<Step<Identity>> {
    const issuer = await this.issuer('sign-in')
    if (!issuer.ok) return issuer
    const identity = await adoptIdToken(adopted, issuer.value, this.#settings)
    return identity.ok ? this.#keep(identity.value) : identity
  }

  async #keep(identity: Identity): Promise<Step<Identity>> {
    const { store } = this.#settings
    await store.exclusively(identityKey(this.#settings), () => writeIdentity(identity, this.#settings))
    return accept(identity)
  }

  /** The signed-in person with an ID Token that has not run out. */
  async current(): Promise<Step<Identity>> {
    const identity = await this.person()
    if (identity === undefined) return stop('sign-in', 'not-signed-in')
    const fresh = this.#settings.clock.now() < identity.idTokenExpiresAt - RENEWAL_LEAD_SECONDS
    return fresh ? accept(identity) : this.renewed(identity)
  }

  /**
   * A newer ID Token than that of `used`. Refresh tokens rotate, and one used twice ends the sign-in, so only one
   * caller on this store renews; the others find what it brought.
   */
  renewed(used: Identity): Promise<Step<Identity>> {
    return this.#settings.store.exclusively(identityKey(this.#settings), async () => {
      const kept = await this.person()
      if (kept === undefined) return stop('sign-in', 'not-signed-in')
      if (kept.idToken.reveal() !== used.idToken.reveal()) return accept(kept)
      const issuer = await this.issuer('sign-in')
      if (!issuer.ok) return issuer
      const identity = await refresh(kept, issuer.value, this.#settings)
      if (identity.ok) await writeIdentity(identity.value, this.#settings)
      return identity
    })
  }
}

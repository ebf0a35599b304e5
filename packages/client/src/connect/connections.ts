/** Access to servers: from the cache while it serves, else through both legs, once for all who ask. */
import type { MetadataCache } from '@carnet/net'
import { accept, type EpochSeconds, type Hidden, isScope, type Scope } from '@carnet/protocol'
import type { Settings } from '../config.ts'
import { parseChallenge } from '../discovery/challenge.ts'
import { chooseScopes } from '../exchange/scopes.ts'
import { codeOf, type Refusal, type Step, stop } from '../refusal.ts'
import type { Identity } from '../sign-in/identity.ts'
import type { Session } from '../sign-in/session.ts'
import { accessKey, covers, type HeldAccess, readAccess, writeAccess } from './access-cache.ts'
import { obtainAccess } from './obtain.ts'
import { findTarget, type Target } from './target.ts'

export interface AccessOptions {
  /** What to ask for; by default what the server asks for. */
  readonly scopes?: readonly string[]
  /** The `WWW-Authenticate` header the server answered with. */
  readonly challenge?: string | null
  /** A token the server turned away: as not valid, or as too little for a call. The answer is another one. */
  readonly turnedAway?: { readonly token: Hidden; readonly because: 'invalid' | 'insufficient' }
}

interface KnownTarget {
  readonly target: Target
  readonly until: EpochSeconds
}

const TARGET_CACHED_SECONDS = 600
const MAX_TARGETS = 1000

export class Connections {
  readonly #settings: Settings
  readonly #session: Session
  readonly #metadata: MetadataCache
  readonly #targets = new Map<string, KnownTarget>()
  readonly #underWay = new Map<string, Promise<Step<HeldAccess>>>()

  constructor(settings: Settings, session: Session, metadata: MetadataCache) {
    this.#settings = settings
    this.#session = session
    this.#metadata = metadata
  }

  async access(serverUrl: string, options: AccessOptions): Promise<Step<HeldAccess>> {
    const identity = await this.#session.person()
    if (identity === undefined) return stop('sign-in', 'not-signed-in')
    const challenge = parseChallenge(options.challenge ?? null)
    const target = await this.#target(serverUrl, challenge?.resourceMetadata)
    if (!target.ok) return target
    const { scopesSupported } = target.value
    const scopes = chooseScopes(options.scopes?.filter(isScope), challenge?.scopes, scopesSupported)
    return this.#once(identity, target.value, scopes, options)
  }

  /** A token for `serverUrl` that needs no network to find and still serves. */
  async held(serverUrl: string): Promise<HeldAccess | undefined> {
    const now = this.#settings.clock.now()
    const known = this.#targets.get(serverUrl)
    const identity = await this.#session.person()
    if (identity === undefined || known === undefined || now >= known.until) return undefined
    const held = await readAccess(accessKey(identity, known.target.at, known.target.resource), this.#settings)
    return held !== undefined && now < held.renewFrom ? held : undefined
  }

  async #target(serverUrl: string, challenged: string | undefined): Promise<Step<Target>> {
    const now = this.#settings.clock.now()
    const known = this.#targets.get(serverUrl)
    if (challenged === undefined && known !== undefined && now < known.until) return accept(known.target)
    this.#targets.delete(serverUrl)
    const found = await findTarget(serverUrl, challenged, this.#metadata, this.#settings)
    if (found.ok) {
      if (this.#targets.size >= MAX_TARGETS) this.#targets.clear()
      this.#targets.set(serverUrl, { target: found.value, until: (now + TARGET_CACHED_SECONDS) as EpochSeconds })
    }
    return found
  }

  /** Callers who want the same at the same time share one answer, a refusal included. */
  #once(
    identity: Identity,
    target: Target,
    scopes: readonly Scope[] | undefined,
    options: AccessOptions,
  ): Promise<Step<HeldAccess>> {
    const key = accessKey(identity, target.at, target.resource)
    const flight = JSON.stringify([key, scopes, options.turnedAway?.because])
    const underWay = this.#underWay.get(flight)
    if (underWay !== undefined) return underWay
    const work = this.#settings.store
      .exclusively(key, () => this.#renewed(key, identity, target, scopes, options))
      .finally(() => this.#underWay.delete(flight))
    this.#underWay.set(flight, work)
    return work
  }

  /** With the turn for `key`: another process may have brought what is wanted meanwhile. */
  async #renewed(
    key: string,
    identity: Identity,
    target: Target,
    scopes: readonly Scope[] | undefined,
    { turnedAway }: AccessOptions,
  ): Promise<Step<HeldAccess>> {
    const { clock, store } = this.#settings
    const held = await readAccess(key, this.#settings)
    const useless = held === undefined || held.accessToken.reveal() === turnedAway?.token.reveal()
    if (!useless && covers(held, scopes) && clock.now() < held.renewFrom) return accept(held)
    if (useless && turnedAway?.because === 'invalid') await store.remove(key)

    const obtained = await this.#obtain(identity, target, scopes)
    if (obtained.ok) {
      await writeAccess(key, obtained.value, this.#settings)
      return obtained
    }
    if (!useless && covers(held, scopes) && outlives(held, obtained.refusal, clock.now())) return accept(held)
    if (turnedAway?.because !== 'insufficient' && codeOf(obtained.refusal) === 'denied') await store.remove(key)
    return obtained
  }

  async #obtain(identity: Identity, target: Target, scopes: readonly Scope[] | undefined): Promise<Step<HeldAccess>> {
    const issuer = await this.#session.issuer('exchange')
    if (!issuer.ok) return issuer
    let used = identity
    const parties = {
      issuer: issuer.value.metadata,
      authorizationServer: target.metadata,
      identity: async (renewed: boolean) => {
        const current = renewed ? await this.#session.renewed(used) : await this.#session.current()
        if (current.ok) used = current.value
        return current
      },
    }
    return obtainAccess({ resource: target.resource, at: target.at, scopes }, parties, this.#settings)
  }
}

/** An outage is no withdrawal: a token that still works is used to its end. */
function outlives({ expiresAt }: HeldAccess, refusal: Refusal, now: EpochSeconds): boolean {
  return codeOf(refusal) === 'unavailable' && now < expiresAt
}

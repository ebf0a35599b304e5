/**
 * Every store this server needs, in the memory of one process: for tests and first steps, NEVER for production.
 *
 * A restart forgets which ID-JAGs were redeemed and what was withdrawn, so both could be used again; a second process
 * does not know what the first one did.
 */
import type {
  AccountId,
  Clock,
  EpochSeconds,
  EventSink,
  Random,
  ReplayGuard,
  SecurityEvent,
  TenantId,
} from '@carnet/protocol'
import { createMemoryRevocationLog, createRevocationIndex } from '@carnet/revocation'
import type { SigningKey } from '@carnet/tokens'
import type {
  Account,
  Accounts,
  ExternalSubject,
  Redemptions,
  ResourceAsPorts,
  Revocations,
  TokenQuery,
  TokenRecord,
  TokenRecords,
} from './ports.ts'
import { checkGovernedResource, checkTrustedIssuer } from './registration-rules.ts'
import { type Registered, registrationsOf } from './registrations.ts'

export interface UnsafeMemoryStores
  extends Pick<
    ResourceAsPorts,
    'registrations' | 'accounts' | 'redemptions' | 'tokens' | 'revocations' | 'signingKeys' | 'replay'
  > {
  readonly accounts: MemoryAccounts
  /** Replaces everything registered. */
  register(registered: Registered): void
  /** Replaces the signing keys. */
  setSigningKeys(keys: readonly SigningKey[]): void
  /** How many redeemed ID-JAGs are remembered. */
  readonly redeemedCount: number
}

export interface MemoryAccounts extends Accounts {
  /** Puts an account there, with the `externalId` that an issuer's provisioning gave it. */
  put(account: Account, provisioned?: { readonly issuer: string; readonly externalId: string }): void
  link(subject: ExternalSubject, account: AccountId): void
}

export interface UnsafeMemoryOptions {
  readonly registered: Registered
  readonly signingKeys: readonly SigningKey[]
  /** Where the events of redemptions go; in the one commit where the store is a database. */
  readonly events: EventSink
  readonly clock: Clock
  readonly random: Random
}

export function unsafeMemoryStores(options: UnsafeMemoryOptions): UnsafeMemoryStores {
  const { clock, random } = options
  let registrations = checked(options.registered)
  let ring = options.signingKeys
  const revocations = memoryRevocations(clock, random)
  const redeemed = new Map<string, TokenRecord>()
  return {
    registrations: { current: () => registrations },
    register(registered) {
      registrations = checked(registered)
    },
    signingKeys: { ring: () => ring },
    setSigningKeys(keys) {
      ring = keys
    },
    accounts: memoryAccounts(random),
    redemptions: memoryRedemptions(redeemed, revocations, options.events),
    tokens: memoryTokens(redeemed),
    revocations,
    replay: memoryReplayGuard(),
    get redeemedCount() {
      return redeemed.size
    },
  }
}

function checked(registered: Registered) {
  registered.trustedIssuers.forEach(checkTrustedIssuer)
  registered.resources.forEach(checkGovernedResource)
  return registrationsOf(registered)
}

function memoryAccounts(random: Random): MemoryAccounts {
  const accounts = new Map<AccountId, Account>()
  const links = new Map<string, AccountId>()
  const provisioned = new Map<string, AccountId>()
  const linked = (subject: ExternalSubject) => {
    const id = links.get(subjectKey(subject))
    return id === undefined ? undefined : accounts.get(id)
  }
  return {
    put(account, by) {
      accounts.set(account.id, account)
      if (by !== undefined) provisioned.set(JSON.stringify([account.tenant, by.issuer, by.externalId]), account.id)
    },
    link(subject, account) {
      links.set(subjectKey(subject), account)
    },
    findLinked: async (subject) => linked(subject),
    async linkByExternalId(subject) {
      const id = provisioned.get(JSON.stringify([subject.tenant, subject.issuer, subject.subject]))
      if (id === undefined || [...links.values()].includes(id)) return undefined
      links.set(subjectKey(subject), id)
      return accounts.get(id)
    },
    async create(subject) {
      const known = linked(subject)
      if (known !== undefined) return known
      const account = newAccount(subject.tenant, random)
      accounts.set(account.id, account)
      links.set(subjectKey(subject), account.id)
      return account
    },
  }
}

function newAccount(tenant: TenantId, random: Random): Account {
  return { id: `acct-${random.token(16)}` as AccountId, tenant, active: true, endsAt: undefined }
}

function subjectKey({ tenant, issuer, issuerTenant, subject }: ExternalSubject): string {
  return JSON.stringify([tenant, issuer, issuerTenant ?? null, subject])
}

function memoryRedemptions(
  redeemed: Map<string, TokenRecord>,
  { log }: Pick<Revocations, 'log'>,
  events: EventSink,
): Redemptions {
  return {
    async commit({ token, withdrawable, event }) {
      const index = createRevocationIndex()
      for (const record of await log.after(0, Number.MAX_SAFE_INTEGER)) index.apply(record)
      const record = withdrawable.map((facts) => index.find(facts)).find((found) => found !== undefined)
      if (record !== undefined) return { kind: 'withdrawn', record }
      const key = JSON.stringify([token.tenant, token.issuer, token.grant])
      if (redeemed.has(key)) return { kind: 'replayed' }
      redeemed.set(key, token)
      try {
        await events.record(event)
      } catch (error) {
        redeemed.delete(key)
        throw error
      }
      return { kind: 'first' }
    },
  }
}

function memoryTokens(redeemed: ReadonlyMap<string, TokenRecord>): TokenRecords {
  return {
    find: async (query, livingAt) =>
      [...redeemed.values()].filter((token) => token.expiresAt > livingAt && isNamed(token, query)),
  }
}

function isNamed(token: TokenRecord, query: TokenQuery): boolean {
  if (token.tenant !== query.tenant) return false
  if ('account' in query) return token.account === query.account
  if ('session' in query) return token.session === query.session
  if ('client' in query) return token.client === query.client
  if ('subject' in query) return token.issuer === query.issuer && token.subject === query.subject
  if ('grant' in query) return token.issuer === query.issuer && token.grant === query.grant
  return query.everything
}

function memoryRevocations(clock: Clock, random: Random): Revocations {
  const log = createMemoryRevocationLog(random)
  const index = createRevocationIndex()
  return {
    index,
    log,
    async append({ keepSeconds, cutoff, ...revocation }) {
      const now = clock.now()
      const at = Math.min(cutoff ?? now, now) as EpochSeconds
      const record = log.append({ ...revocation, cutoff: at, expiresAt: (at + keepSeconds) as EpochSeconds })
      index.apply(record)
      return record
    },
  }
}

function memoryReplayGuard(): ReplayGuard {
  const seen = new Set<string>()
  return {
    async claim(scope, id) {
      const key = JSON.stringify([scope, id])
      if (seen.has(key)) return 'seen'
      seen.add(key)
      return 'first'
    },
  }
}

/** Keeps events in a list. */
export class MemoryEvents implements EventSink {
  readonly recorded: SecurityEvent[] = []

  async record(event: SecurityEvent): Promise<void> {
    this.recorded.push(event)
  }
}

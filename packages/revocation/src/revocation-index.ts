/**
 * What has ended, in memory: the answer to "may this token still be used?" without I/O.
 *
 * One map lookup for each kind of target, however many records there are.
 */
import type { EpochSeconds, TenantId, Unsubscribe } from '@carnet/protocol'
import type { RevocableFacts, RevocationRecord, RevocationTarget } from './types.ts'

export interface RevocationIndex {
  /** Position of the newest record heard, expired ones included; 0 before the first. */
  readonly seq: number
  /** How many targets are held. */
  readonly size: number
  /** Takes in a record. Taking in the same one again changes nothing. */
  apply(record: RevocationRecord): void
  /** The record that ended what `facts` describe, or `undefined` while it is good. */
  find(facts: RevocableFacts): RevocationRecord | undefined
  /** Drops what can match no living token any more. */
  forgetExpired(now: EpochSeconds): void
  /** Calls back after each record taken in, so that what is open can be closed. */
  onApply(listener: (record: RevocationRecord) => void): Unsubscribe
}

/** The record with the latest cut-off for one target, kept until the last of them may be forgotten. */
interface Entry {
  readonly record: RevocationRecord
  readonly expiresAt: EpochSeconds
}

type TargetKind = RevocationTarget['kind']
type TenantTargets = Readonly<Record<TargetKind, Map<string, Entry>>>

export function createRevocationIndex(): RevocationIndex {
  const tenants = new Map<TenantId, TenantTargets>()
  const listeners = new Set<(record: RevocationRecord) => void>()
  let seq = 0

  return {
    get seq() {
      return seq
    },

    get size() {
      return [...tenants.values()].flatMap((targets) => Object.values(targets)).reduce((sum, map) => sum + map.size, 0)
    },

    apply(record) {
      const targets = tenants.get(record.tenant) ?? noTargets()
      tenants.set(record.tenant, targets)
      const entries = targets[record.target.kind]
      const key = keyOf(record.target)
      entries.set(key, merged(entries.get(key), record))
      seq = Math.max(seq, record.seq)
      for (const listener of listeners) listener(record)
    },

    find(facts) {
      const targets = tenants.get(facts.tenant)
      if (targets === undefined) return undefined
      return (
        ending(targets.subject.get(facts.subject), facts.issuedAt) ??
        ending(targets.client.get(facts.client), facts.issuedAt) ??
        (facts.session && ending(targets.session.get(facts.session), facts.issuedAt)) ??
        (facts.resource && ending(targets.resource.get(facts.resource), facts.issuedAt)) ??
        (facts.token && ending(targets.token.get(facts.token), facts.issuedAt)) ??
        ending(targets.everything.get(EVERYTHING), facts.issuedAt)
      )
    },

    forgetExpired(now) {
      for (const [tenant, targets] of tenants) {
        for (const entries of Object.values(targets)) {
          for (const [key, entry] of entries) if (entry.expiresAt <= now) entries.delete(key)
        }
        if (Object.values(targets).every((entries) => entries.size === 0)) tenants.delete(tenant)
      }
    },

    onApply(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

const EVERYTHING = ''

function noTargets(): TenantTargets {
  return {
    subject: new Map(),
    session: new Map(),
    client: new Map(),
    resource: new Map(),
    token: new Map(),
    everything: new Map(),
  }
}

/** What a record names, as text; the kind is told apart elsewhere. */
export function keyOf(target: RevocationTarget): string {
  switch (target.kind) {
    case 'subject':
      return target.subject
    case 'session':
      return target.session
    case 'client':
      return target.client
    case 'resource':
      return target.resource
    case 'token':
      return target.token
    case 'everything':
      return EVERYTHING
  }
}

function merged(known: Entry | undefined, record: RevocationRecord): Entry {
  if (known === undefined) return { record, expiresAt: record.expiresAt }
  const later = record.cutoff >= known.record.cutoff ? record : known.record
  return { record: later, expiresAt: Math.max(known.expiresAt, record.expiresAt) as EpochSeconds }
}

/** INVARIANT (cut-off): ended when issued at or before the cut-off. */
function ending(entry: Entry | undefined, issuedAt: EpochSeconds): RevocationRecord | undefined {
  return entry !== undefined && issuedAt <= entry.record.cutoff ? entry.record : undefined
}

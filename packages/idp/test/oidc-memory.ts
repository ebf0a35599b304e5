/** The issuer's stores in memory, for tests of rules; the real ones have contract tests of their own. */
import type { OidcRecord, OidcRecords, SigningKeyStore } from '@carnet/idp'
import type { ReplayGuard, SessionId } from '@carnet/protocol'
import type { SigningKey } from '@carnet/tokens'

export function memoryRecords(): OidcRecords {
  const kept = new Map<string, OidcRecord>()
  const key = (model: string, idHash: string) => `${model} ${idHash}`
  return {
    async save(record) {
      const earlier = kept.get(key(record.model, record.idHash))
      kept.set(key(record.model, record.idHash), { ...record, consumedAt: earlier?.consumedAt })
    },
    find: async (model, idHash) => kept.get(key(model, idHash)),
    findByUid: async (model, uid) => [...kept.values()].find((one) => one.model === model && one.uid === uid),
    async consume(model, idHash, at) {
      const record = kept.get(key(model, idHash))
      if (record === undefined || record.consumedAt !== undefined) return 'seen'
      kept.set(key(model, idHash), { ...record, consumedAt: at })
      return 'first'
    },
    async remove(model, idHash) {
      kept.delete(key(model, idHash))
    },
    async removeByGrant(model, grantId) {
      const sids: SessionId[] = []
      for (const [name, record] of kept) {
        if (record.model !== model || record.grantId !== grantId) continue
        kept.delete(name)
        if (record.sid !== undefined) sids.push(record.sid)
      }
      return sids
    },
    async removePerson(person) {
      for (const [name, record] of kept) if (record.person === person) kept.delete(name)
    },
    async moveGrant(grantId, sid) {
      for (const [name, record] of kept) {
        if (record.model === 'RefreshToken' && record.grantId === grantId) kept.set(name, { ...record, sid })
      }
    },
  }
}

export function memorySigningKeys(keys: readonly SigningKey[]): SigningKeyStore {
  const listeners = new Set<() => void>()
  let kept = keys
  return {
    load: async () => kept,
    async change(decide) {
      kept = decide(kept)
      for (const listener of listeners) listener()
      return kept
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export function memoryReplayGuard(): ReplayGuard {
  const claimed = new Set<string>()
  return {
    async claim(scope, id) {
      const key = JSON.stringify([scope, id])
      if (claimed.has(key)) return 'seen'
      claimed.add(key)
      return 'first'
    },
  }
}

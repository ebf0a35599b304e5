import type { ClientId, EpochSeconds, Log, ResourceId, SessionId, TokenId } from '@carnet/protocol'
import { SOLE_TENANT } from '@carnet/protocol'
import { NOW } from '@carnet/testing'
import type { RevocableFacts, RevocationRecord } from '../src/types.ts'

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

export const facts: RevocableFacts = {
  tenant: SOLE_TENANT,
  subject: 'alice',
  client: 'assistant' as ClientId,
  session: 'session-1' as SessionId,
  resource: 'https://mcp.chat.test/mcp' as ResourceId,
  token: 'token-1' as TokenId,
  issuedAt: NOW,
}

export function record(seq: number, change: Partial<RevocationRecord> = {}): RevocationRecord {
  return {
    seq,
    id: `record-${seq}`,
    tenant: SOLE_TENANT,
    target: { kind: 'subject', subject: 'alice' },
    cutoff: NOW,
    expiresAt: (NOW + 600) as EpochSeconds,
    reason: 'person.disabled',
    eventId: `event-${seq}`,
    ...change,
  }
}

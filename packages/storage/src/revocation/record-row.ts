/** A revocation record as a row. */
import type { ClientId, EpochSeconds, ResourceId, SessionId, TenantId, TokenId } from '@carnet/protocol'
import { Fault } from '@carnet/protocol'
import type { RevocationRecord, RevocationTarget } from '@carnet/revocation'

export interface RecordRow {
  readonly seq: number
  readonly id: string
  readonly tenant: string
  readonly kind: string
  readonly target: string
  readonly cutoff: number
  readonly expires_at: number
  readonly reason: string
  readonly event_id: string
}

export const RECORD_COLUMNS = 'seq, id, tenant, kind, target, cutoff, expires_at, reason, event_id'

export function fromRow(row: RecordRow): RevocationRecord {
  return {
    seq: row.seq,
    id: row.id,
    tenant: row.tenant as TenantId,
    target: targetOf(row.kind, row.target),
    cutoff: row.cutoff as EpochSeconds,
    expiresAt: row.expires_at as EpochSeconds,
    reason: row.reason,
    eventId: row.event_id,
  }
}

function targetOf(kind: string, target: string): RevocationTarget {
  switch (kind) {
    case 'subject':
      return { kind, subject: target }
    case 'session':
      return { kind, session: target as SessionId }
    case 'client':
      return { kind, client: target as ClientId }
    case 'resource':
      return { kind, resource: target as ResourceId }
    case 'token':
      return { kind, token: target as TokenId }
    case 'everything':
      return { kind }
    default:
      throw new Fault('internal', `A revocation record is of the unknown kind ${JSON.stringify(kind)}`)
  }
}

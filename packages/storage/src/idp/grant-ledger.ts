/**
 * Grants on record in PostgreSQL: the check against what was withdrawn and the audit event are one transaction, shared by
 * all who ask at the same time.
 */
import type { Grants, PendingGrant } from '@carnet/idp'
import type { IssuerId } from '@carnet/protocol'
import type { RevocationRecord } from '@carnet/revocation'
import type { AuditLog } from '../audit/index.ts'
import { createBatcher, type Database } from '../engine/index.ts'
import type { RevocationStore } from '../revocation/index.ts'

export interface GrantLedgerOptions {
  /** Whose withdrawals count. */
  readonly issuer: IssuerId
  readonly audit: Pick<AuditLog, 'append'>
  readonly revocations: Pick<RevocationStore, 'findInStep'>
}

const MAX_BATCH = 200

export function createGrantLedger(db: Database, { issuer, audit, revocations }: GrantLedgerOptions): Grants {
  const commit = createBatcher<PendingGrant, RevocationRecord | undefined>(
    (grants) =>
      db.transaction(async (tx) => {
        const facts = grants.map(({ withdrawable }) => withdrawable)
        const ended = await revocations.findInStep(issuer, facts, tx)
        const standing = grants.filter((_, index) => ended[index] === undefined)
        await audit.append(
          tx,
          standing.map(({ event }) => event),
        )
        return ended
      }),
    { maxItems: MAX_BATCH },
  )
  return { commit }
}

/**
 * Brings a database to the newest schema, one migration and one transaction at a time.
 *
 * Any number of processes may start together: they take turns.
 */
import { createHash } from 'node:crypto'
import { Fault } from '@carnet/protocol'
import type { Database, Transaction } from './database.ts'

export interface Migration {
  /** `NNN-<slice>`; applied in the order of the list. */
  readonly id: string
  /** SQL, several statements. INVARIANT (migrations): never edited once released; add another. */
  readonly up: string
}

/** Any number no other program uses for an advisory lock in our database. */
const TURN = 0x0ca1_2e70

const LEDGER = `create table if not exists carnet_migration (
  id text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
)`

/** @throws {Fault} `configuration-invalid` when a migration that was applied is not the one of this list */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) {
    await db.transaction(async (tx) => {
      await tx.script('set local lock_timeout = 0; set local statement_timeout = 0')
      await tx.query('select pg_advisory_xact_lock($1)', [TURN])
      await tx.query(LEDGER)
      await applyOnce(tx, migration)
    })
  }
}

async function applyOnce(tx: Transaction, { id, up }: Migration): Promise<void> {
  const checksum = createHash('sha256').update(up).digest('hex')
  const [applied] = await tx.query<{ checksum: string }>('select checksum from carnet_migration where id = $1', [id])
  if (applied === undefined) {
    await tx.script(up)
    await tx.query('insert into carnet_migration (id, checksum) values ($1, $2)', [id, checksum])
  } else if (applied.checksum !== checksum) {
    throw new Fault(
      'configuration-invalid',
      `Migration ${id} was applied to this database in another form. This Carnet does not fit the data.`,
    )
  }
}

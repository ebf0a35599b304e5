/** Tells an outage of the database from a mistake in a statement. */
import { Fault } from '@carnet/protocol'
import pg from 'pg'

/**
 * SQLSTATE classes that say "not now": connection, rollback of a transaction by the server, resources, operator
 * intervention, system error; a lock or a transaction that took too long; and statements a connection prepared
 * that the server has forgotten or that no longer fit a changed table.
 */
const OUTAGE = /^(?:08|40|53|57|58|XX|55P03|25P03|26000|0A000)/

/** The error to throw for one that `pg` gave: a fault for an outage, the same error for a mistake. */
export function databaseFault(error: unknown): unknown {
  if (error instanceof Fault || isOurMistake(error)) return error
  if (error instanceof pg.DatabaseError && !OUTAGE.test(error.code ?? '')) return error
  const what = error instanceof pg.DatabaseError ? `SQLSTATE ${error.code}` : String((error as Error)?.message)
  return new Fault('store-unavailable', `The database did not answer: ${what}`, { cause: error, retryAfterSeconds: 1 })
}

/** `pg` and Node report lost connections as plain errors, and mistakes in a call as these. */
function isOurMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError
}

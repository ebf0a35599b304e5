/** Runs statements by name, so that each is parsed once per connection. */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { databaseFault } from './faults.ts'

/** A connection keeps every named statement until it closes, so generated texts beyond this stay unnamed. */
const MAX_NAMED = 1000

const names = new Map<string, string>()

/** @throws {Fault} `store-unavailable` for an outage; a mistake in the statement as `pg` reports it */
export async function runStatement(
  client: pg.ClientBase,
  sql: string,
  params: readonly unknown[],
): Promise<pg.QueryResult> {
  const name = statementName(sql)
  try {
    return await client.query({ text: sql, values: [...params], ...(name !== undefined && { name }) })
  } catch (error) {
    throw databaseFault(error)
  }
}

/** Several statements in one text, without values. */
export async function runScript(client: pg.ClientBase, sql: string): Promise<void> {
  try {
    await client.query(sql)
  } catch (error) {
    throw databaseFault(error)
  }
}

/** @returns the statement's name, or `undefined` for one to be parsed each time */
function statementName(sql: string): string | undefined {
  const known = names.get(sql)
  if (known !== undefined) return known
  if (names.size >= MAX_NAMED) return undefined
  const name = `c${createHash('sha256').update(sql).digest('base64url').slice(0, 20)}`
  names.set(sql, name)
  return name
}

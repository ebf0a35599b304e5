/** Opens the database a deployment chose and brings it to the newest schema. */
import type { Log } from '@carnet/protocol'
import { migrations } from '../migrations/index.ts'
import type { Database } from './database.ts'
import { openInFolder, openInMemory } from './embedded/open-embedded.ts'
import { migrate } from './migrate.ts'
import { openServer } from './server/open-server.ts'

export type DatabaseLocation = { readonly url: string } | { readonly folder: string } | { readonly memory: true }

/**
 * @throws {Fault} `store-locked` when another process uses the folder; `store-unavailable` when the database cannot
 * be opened; `configuration-invalid` when its schema was made by a different Carnet
 */
export async function openDatabase(location: DatabaseLocation, { log }: { readonly log: Log }): Promise<Database> {
  const db = await connect(location, log)
  try {
    await migrate(db, migrations)
  } catch (error) {
    await db.close()
    throw error
  }
  return db
}

function connect(location: DatabaseLocation, log: Log): Promise<Database> {
  if ('url' in location) return openServer(location.url, log)
  if ('folder' in location) return openInFolder(location.folder, log)
  return openInMemory(log)
}

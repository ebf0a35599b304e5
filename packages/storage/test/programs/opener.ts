/** Opens the database in a folder, says so, and keeps it until standard input closes. */
import { Fault } from '@carnet/protocol'
import { openDatabase } from '@carnet/storage'
import { quietLog } from '../quiet-log.ts'

try {
  const db = await openDatabase({ folder: process.argv[2] ?? '' }, { log: quietLog })
  console.log('opened')
  process.stdin.resume().once('end', async () => {
    await db.close()
    console.log('closed')
  })
} catch (error) {
  if (!(error instanceof Fault)) throw error
  console.log(`${error.code}: ${error.message}`)
}

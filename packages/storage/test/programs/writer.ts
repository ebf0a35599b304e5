/** Writes rows for ever, and prints the number of each once the database has acknowledged it. */
import { openDatabase } from '@carnet/storage'
import { quietLog } from '../quiet-log.ts'

const [kind, place = ''] = process.argv.slice(2)

const db = await openDatabase(kind === 'url' ? { url: place } : { folder: place }, { log: quietLog })
await db.query('create table if not exists acknowledged (n int primary key)')
console.log('ready')
for (let n = 1; ; n++) {
  await db.query('insert into acknowledged values ($1)', [n])
  console.log(n)
}

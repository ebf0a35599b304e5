/** Starts a PostgreSQL server, prints where its files are, and waits to be killed. */
import { PostgresServer } from '@carnet/testing'

const server = await PostgresServer.start()
console.log(`home ${server.home}`)
process.stdin.resume()

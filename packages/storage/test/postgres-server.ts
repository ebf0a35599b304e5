/** One real PostgreSQL server for a whole test run; `DATABASE_URL_FOR_TESTS` names another to use in its place. */
import type { TestProject } from 'vitest/node'
import { PostgresServer } from '../../testing/src/postgres/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases for tests may be created. */
    postgresUrl: string
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.DATABASE_URL_FOR_TESTS
  if (given !== undefined) {
    project.provide('postgresUrl', given)
    return undefined
  }
  const server = await PostgresServer.start()
  project.provide('postgresUrl', server.url())
  return () => server.stop()
}

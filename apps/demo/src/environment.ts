/** Reads the environment: the only file of the demo that does. */
import { resolve } from 'node:path'
import { Fault } from '@carnet/protocol'
import { z } from 'zod'

const variables = z.object({
  PORT: z.coerce.number().int().min(1).max(65_000).default(7400),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL')
    .optional(),
  CARNET_HOME: z.string().min(1).default('.carnet'),
})

export interface DemoSettings {
  readonly port: number
  /** A PostgreSQL server; the embedded database unless given. */
  readonly databaseUrl: string | undefined
  /** Folder of everything the demo keeps. */
  readonly home: string
}

/** @throws {Fault} `configuration-invalid`, with every problem and the variable it concerns */
export function settingsFromEnvironment(): DemoSettings {
  const parsed = variables.safeParse(process.env)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `- ${path.join('.')}: ${message}`)
    throw new Fault('configuration-invalid', `The configuration is not usable:\n${problems.join('\n')}`)
  }
  const { PORT, DATABASE_URL, CARNET_HOME } = parsed.data
  return { port: PORT, databaseUrl: DATABASE_URL, home: resolve(CARNET_HOME) }
}

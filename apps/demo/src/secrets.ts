/** Secrets of the demo that outlive a restart: in a file only its owner may read. Production keeps them elsewhere. */
import { existsSync, readFileSync } from 'node:fs'
import { newMasterKey, newSecret, systemRandom } from '@carnet/tokens'
import { z } from 'zod'
import { writeOwnersFile } from './demo-file.ts'

const demoSecrets = z.object({ masterKey: z.string(), adminApiKey: z.string() })
export type DemoSecrets = z.output<typeof demoSecrets>

export function keepSecrets(path: string): DemoSecrets {
  if (existsSync(path)) return demoSecrets.parse(JSON.parse(readFileSync(path, 'utf8')))
  const secrets = { masterKey: newMasterKey(systemRandom), adminApiKey: newSecret(systemRandom) }
  writeOwnersFile(path, secrets)
  return secrets
}

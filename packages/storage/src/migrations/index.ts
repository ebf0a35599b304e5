/** Every migration, in the order in which they are applied. */
import type { Migration } from '../engine/migrate.ts'
import { audit } from './010-audit.ts'
import { registryDirectoryPolicy } from './020-registry-directory-policy.ts'
import { idp } from './030-idp.ts'
import { resourceAs } from './040-resource-as.ts'
import { revocation } from './050-revocation.ts'

export const migrations: readonly Migration[] = [audit, registryDirectoryPolicy, idp, resourceAs, revocation]

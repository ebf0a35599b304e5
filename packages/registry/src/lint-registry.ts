/** Whether a registry may be put to use: every problem, by path. */
import type { IssuerId } from '@carnet/protocol'
import { lintAuthorizationServers } from './lint/authorization-servers.ts'
import { lintClients } from './lint/clients.ts'
import type { RegistryProblem } from './lint/problem.ts'
import { lintServers } from './lint/servers.ts'
import type { AuthorizationServerEntry, ClientEntry, ServerEntry } from './types.ts'

/** Everything that is registered, as an administrator writes it down. */
export interface RegistryContents {
  readonly authorizationServers: readonly AuthorizationServerEntry[]
  readonly servers: readonly ServerEntry[]
  readonly clients: readonly ClientEntry[]
}

/** @param self - the issuer's own identifier */
export function lintRegistry(contents: RegistryContents, self: IssuerId): readonly RegistryProblem[] {
  const issuers = new Set<string>(contents.authorizationServers.map(({ issuer }) => issuer))
  return [
    ...lintAuthorizationServers(contents.authorizationServers, self),
    ...lintServers(contents.servers, issuers),
    ...lintClients(contents.clients, issuers),
  ]
}

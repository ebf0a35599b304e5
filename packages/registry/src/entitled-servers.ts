/** The servers a person can reach through a client: what a client shows before anything is exchanged. */
import type { IssuerId, Scope } from '@carnet/protocol'
import { indexOf } from './registry-index.ts'
import { registrationAt, type Target } from './resolve-target.ts'
import type { ClientEntry, RegistrySnapshot } from './types.ts'

export interface EntitledServer extends Target {
  readonly scopes: readonly Scope[]
}

/**
 * @param self - the issuer's own identifier
 * @param permittedScopes - what policy gives the person at that target; nothing means not entitled
 */
export function entitledServers(
  snapshot: RegistrySnapshot,
  self: IssuerId,
  client: ClientEntry,
  permittedScopes: (target: Target) => readonly Scope[],
): readonly EntitledServer[] {
  return targetsOf(snapshot, self, client)
    .map((target) => ({ ...target, scopes: permittedScopes(target) }))
    .filter(({ scopes }) => scopes.length > 0)
}

/** Everything this client could ask for: exactly the targets `resolveTarget` accepts. */
export function targetsOf(snapshot: RegistrySnapshot, self: IssuerId, client: ClientEntry): readonly Target[] {
  const index = indexOf(snapshot)
  return snapshot.authorizationServers.flatMap((authorizationServer) => {
    const clientIdThere = registrationAt(client, authorizationServer.issuer)
    if (clientIdThere === undefined || authorizationServer.issuer === self) return []
    return index
      .approvedServersOf(authorizationServer.issuer)
      .map((server) => ({ authorizationServer, server, clientIdThere }))
  })
}

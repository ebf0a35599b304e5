/** Finds entries by what a request calls them. Built once per snapshot, because the exchange asks every time. */
import { type IssuerId, resourceKey } from '@carnet/protocol'
import type { AuthorizationServerEntry, RegistrySnapshot, ServerEntry } from './types.ts'

export interface RegistryIndex {
  /** @param audience - attacker-controlled */
  findAuthorizationServer(audience: string): AuthorizationServerEntry | undefined
  /** @param key - what `resourceKey` makes of a spelling */
  findServer(key: string): ServerEntry | undefined
  /** The approved servers this authorization server governs. */
  approvedServersOf(issuer: IssuerId): readonly ServerEntry[]
}

const indexes = new WeakMap<RegistrySnapshot, RegistryIndex>()

export function indexOf(snapshot: RegistrySnapshot): RegistryIndex {
  const known = indexes.get(snapshot)
  if (known !== undefined) return known
  const index = createIndex(snapshot)
  indexes.set(snapshot, index)
  return index
}

function createIndex({ authorizationServers, servers }: RegistrySnapshot): RegistryIndex {
  const byAudience = new Map<string, AuthorizationServerEntry>()
  for (const entry of authorizationServers) {
    for (const name of otherNames(entry)) byAudience.set(name, entry)
  }
  // An issuer identifier means its owner, whatever another entry claims as an alias.
  for (const entry of authorizationServers) byAudience.set(entry.issuer, entry)

  const byKey = new Map<string, ServerEntry>()
  const approved = new Map<IssuerId, ServerEntry[]>()
  for (const server of servers) {
    byKey.set(resourceKey(server.resource) ?? server.resource, server)
    const siblings = approved.get(server.authorizationServer) ?? []
    approved.set(server.authorizationServer, siblings)
    if (server.state === 'approved') siblings.push(server)
  }
  return {
    findAuthorizationServer: (audience) => byAudience.get(audience),
    findServer: (key) => byKey.get(key),
    approvedServersOf: (issuer) => approved.get(issuer) ?? [],
  }
}

function otherNames({ issuer, aliases, acceptsSlashVariant }: AuthorizationServerEntry): readonly string[] {
  return acceptsSlashVariant ? [...aliases, slashVariant(issuer)] : aliases
}

function slashVariant(issuer: IssuerId): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`
}

/** Builds one consistent view of everything registered. */
import type { ClientId, TenantId } from '@carnet/protocol'
import type {
  GovernedResource,
  Registrations,
  ResourceAsClient,
  ResourceServerCredential,
  TrustedIssuer,
} from './ports.ts'

export interface Registered {
  readonly clients: readonly ResourceAsClient[]
  readonly trustedIssuers: readonly TrustedIssuer[]
  readonly resources: readonly GovernedResource[]
  readonly resourceServers: readonly ResourceServerCredential[]
}

export function registrationsOf({ clients, trustedIssuers, resources, resourceServers }: Registered): Registrations {
  const trust = new Map(trustedIssuers.map((entry) => [trustKey(entry.tenant, entry.issuer), entry]))
  const governed = new Map<TenantId, GovernedResource[]>()
  for (const resource of resources) governed.set(resource.tenant, [...(governed.get(resource.tenant) ?? []), resource])
  return {
    clients: byId(clients),
    resourceServers: byId(resourceServers),
    resources,
    resourcesOf: (tenant) => governed.get(tenant) ?? [],
    scopes: [...new Set(resources.flatMap(({ scopes }) => scopes))],
    trustedIssuers,
    findIssuer: (tenant, issuer) => trust.get(trustKey(tenant, issuer)),
  }
}

/** The encoded tenant holds no space, so no two pairs meet. */
function trustKey(tenant: string, issuer: string): string {
  return `${encodeURIComponent(tenant)} ${issuer}`
}

function byId<Record extends { readonly id: ClientId }>(records: readonly Record[]): ReadonlyMap<ClientId, Record> {
  return new Map(records.map((record) => [record.id, record]))
}

/** Builds one consistent view of everything registered. */
import type { ClientId } from '@carnet/protocol'
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
  return {
    clients: byId(clients),
    resourceServers: byId(resourceServers),
    resources,
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

/** Reads from the audit log what the page behind `error_uri` tells. */
import type { PolicyRefusals } from '@carnet/idp'
import type { RegistryReader } from '@carnet/registry'
import type { AuditTrail } from '@carnet/storage'

export function policyRefusals(trail: AuditTrail, registry: RegistryReader): PolicyRefusals {
  return {
    async find(txn) {
      const { events } = await trail.byTxn(txn)
      const refused = events.find(({ event }) => event.type === 'grant.refused' && event.txn === txn)?.event
      if (refused?.policyVersion === undefined) return undefined
      const server = registry.current().servers.find(({ resource }) => resource === refused.resource)
      return {
        reason: refused.rule === undefined ? 'policy.no-matching-rule' : 'policy.forbidden',
        at: refused.at,
        serverName: server?.name,
      }
    },
  }
}

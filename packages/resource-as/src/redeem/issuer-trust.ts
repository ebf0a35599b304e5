/**
 * Decides whose ID-JAGs are looked at: only those of an issuer somebody entered, byte for byte, for this tenant.
 *
 * There is no default, and being hosted beside an issuer is no reason to trust it.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.1 ID-JAG §4.1}
 */
import { accept, type Result, refuse, type TenantId } from '@carnet/protocol'
import type { KeySource } from '@carnet/tokens'
import type { IssuerKeys, Registrations, TrustedIssuer } from '../ports.ts'

export type IssuerRefusal = { readonly reason: 'untrusted-issuer'; readonly iss: string | undefined }

/** An issuer, and the only keys that speak for it. */
export interface IssuerInTrust {
  readonly issuer: TrustedIssuer
  readonly keys: KeySource
}

export interface IssuerTrust {
  /**
   * Asks nobody: an issuer that is not entered causes no network call.
   *
   * @param iss - read from an unverified assertion: attacker-controlled
   */
  find(iss: string | undefined): Result<IssuerInTrust, IssuerRefusal>
}

/** The trust of one tenant. */
export function issuerTrust(registrations: Registrations, tenant: TenantId, keys: IssuerKeys): IssuerTrust {
  return {
    find(iss) {
      const issuer = iss === undefined ? undefined : registrations.findIssuer(tenant, iss)
      if (issuer === undefined || issuer.issuer !== iss) return refuse({ reason: 'untrusted-issuer', iss })
      return accept({ issuer, keys: keys.of(issuer) })
    },
  }
}

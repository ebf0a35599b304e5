/** Where the keys of trusted issuers come from: fetched from the URL of the trust entry, or entered by hand. */
import { createRemoteKeySources } from '@carnet/net'
import { type Clock, Fault, type OutboundHttp } from '@carnet/protocol'
import { type KeySource, parseKeySet, staticKeySource } from '@carnet/tokens'
import type { IssuerKeys, TrustedIssuer } from './ports.ts'

/**
 * One key source for each trust entry. An entry that is changed is another entry: what was fetched for the old one
 * does not vouch for the new one.
 */
export function createIssuerKeys(shared: {
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly cacheSeconds?: number
  readonly coolDownSeconds?: number
}): IssuerKeys {
  const remote = createRemoteKeySources(shared)
  const entered = new WeakMap<TrustedIssuer, KeySource>()
  return {
    of(entry) {
      if ('jwksUri' in entry.keys) return remote({ issuer: entry.issuer, jwksUri: entry.keys.jwksUri })
      const known = entered.get(entry)
      if (known !== undefined) return known
      const source = enteredKeys(entry, entry.keys.jwks)
      entered.set(entry, source)
      return source
    },
  }
}

function enteredKeys({ issuer }: TrustedIssuer, jwks: unknown): KeySource {
  const keys = parseKeySet(JSON.stringify(jwks))
  if (keys.ok) return staticKeySource(keys.value)
  const of = JSON.stringify(issuer)
  throw new Fault('configuration-invalid', `The keys entered for ${of} are not usable: ${keys.refusal.reason}`)
}

/** Rules on the authorization servers of a registry. */
import type { IssuerId } from '@carnet/protocol'
import type { AuthorizationServerEntry } from '../types.ts'
import { broken, isWebUrl, type RegistryProblem, repeated } from './problem.ts'

/** Bounds of `exp - iat` of an ID-JAG, in seconds. */
const MIN_LIFETIME_SECONDS = 30
const MAX_LIFETIME_SECONDS = 600

/** @param self - the issuer's own identifier */
export function lintAuthorizationServers(
  entries: readonly AuthorizationServerEntry[],
  self: IssuerId,
): readonly RegistryProblem[] {
  const issuers = new Set<string>(entries.map(({ issuer }) => issuer))
  const again = repeated(entries.map(({ issuer }) => issuer))
  const names = entries.flatMap(({ aliases }, position) => aliases.map((alias, n) => ({ alias, position, n })))
  const aliasesAgain = repeated(names.map(({ alias }) => alias))
  return [
    ...entries.flatMap((entry, position) => lintEntry(entry, `authorizationServers[${position}]`, self)),
    ...broken([...again].map((n) => [`authorizationServers[${n}].issuer`, false, 'is registered twice'])),
    ...names.flatMap(({ alias, position, n }, index) =>
      broken([
        [`authorizationServers[${position}].aliases[${n}]`, alias !== self, 'is the issuer itself'],
        [`authorizationServers[${position}].aliases[${n}]`, !issuers.has(alias), 'is an issuer identifier'],
        [`authorizationServers[${position}].aliases[${n}]`, !aliasesAgain.has(index), 'is used twice'],
      ]),
    ),
  ]
}

function lintEntry(entry: AuthorizationServerEntry, at: string, self: IssuerId): readonly RegistryProblem[] {
  const { issuer, idJagLifetimeSeconds: lifetime, subjectRule } = entry
  return broken([
    // A foreign issuer identifier may end in a slash (Δ C-20): it is copied as its owner spells it.
    [`${at}.issuer`, isWebUrl(issuer) && !/[?#]/.test(issuer), 'is not an https URL without query and fragment'],
    [`${at}.issuer`, issuer !== self, 'is the issuer itself, which never redeems its own grants'],
    [
      `${at}.idJagLifetimeSeconds`,
      Number.isInteger(lifetime) && lifetime >= MIN_LIFETIME_SECONDS && lifetime <= MAX_LIFETIME_SECONDS,
      `is not a whole number from ${MIN_LIFETIME_SECONDS} to ${MAX_LIFETIME_SECONDS}`,
    ],
    [`${at}.subjectRule.sector`, subjectRule.kind !== 'pairwise' || subjectRule.sector !== '', 'is empty'],
  ])
}

/** Rules on the clients of a registry. */
import { parseKeySet } from '@carnet/tokens'
import type { ClientEntry } from '../types.ts'
import { broken, isWebUrl, type RegistryProblem, repeated } from './problem.ts'

/** @param issuers - the registered authorization servers */
export function lintClients(clients: readonly ClientEntry[], issuers: ReadonlySet<string>): readonly RegistryProblem[] {
  const again = repeated(clients.map(({ id }) => id))
  return clients.flatMap((client, position) => {
    const at = `clients[${position}]`
    return [
      ...broken([[`${at}.id`, !again.has(position), 'is registered twice']]),
      ...lintAuthentication(client, at),
      ...lintRedirects(client, at),
      ...lintRegistrations(client, at, issuers),
    ]
  })
}

/** SHA-256 as base64url: anything else in its place could be the secret itself. */
const SECRET_HASH = /^[A-Za-z0-9_-]{43}$/
const PRINTABLE = /^[\x21-\x7e]{1,255}$/

function lintAuthentication(client: ClientEntry, at: string): readonly RegistryProblem[] {
  const { id, authMethods, secrets, jwks, publicException } = client
  const withSecret = authMethods.some((method) => method.startsWith('client_secret_'))
  const isPublic = authMethods.includes('none')
  return broken([
    [`${at}.id`, PRINTABLE.test(id), 'is not printable text'],
    [`${at}.authMethods`, authMethods.length > 0, 'is empty'],
    [`${at}.authMethods`, !isPublic || authMethods.length === 1, 'mixes "none" with a method that proves something'],
    [`${at}.publicException`, !publicException || isPublic, 'is for public clients only'],
    [`${at}.secrets`, !withSecret || secrets.length > 0, 'is empty'],
    ...secrets.map(
      ({ sha256 }, n) =>
        [`${at}.secrets[${n}].sha256`, SECRET_HASH.test(sha256), 'is not a SHA-256 in base64url'] as const,
    ),
    [`${at}.jwks`, !authMethods.includes('private_key_jwt') || hasKeys(jwks), 'holds no usable public key'],
  ])
}

function hasKeys(jwks: unknown): boolean {
  const keys = parseKeySet(JSON.stringify(jwks) ?? '')
  return keys.ok && keys.value.length > 0
}

function lintRedirects(client: ClientEntry, at: string): readonly RegistryProblem[] {
  const members = ['redirectUris', 'postLogoutRedirectUris'] as const
  return members.flatMap((member) =>
    broken(
      client[member].map((uri, n) => [
        `${at}.${member}[${n}]`,
        !uri.includes('#') && (isWebUrl(uri) || (client.applicationType === 'native' && isPrivateUseUri(uri))),
        'is not an https or loopback URL without fragment',
      ]),
    ),
  )
}

/** `com.example.app:/callback`: a scheme of the application's own has a dot (RFC 8252 §7.1). */
function isPrivateUseUri(uri: string): boolean {
  return /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:\//.test(uri) && URL.canParse(uri)
}

function lintRegistrations(client: ClientEntry, at: string, issuers: ReadonlySet<string>): readonly RegistryProblem[] {
  return Object.entries(client.registrations).flatMap(([issuer, idThere]) => {
    const path = `${at}.registrations[${JSON.stringify(issuer)}]`
    return broken([
      [path, issuers.has(issuer), 'is not at a registered authorization server'],
      [path, PRINTABLE.test(idThere), 'is not printable text'],
    ])
  })
}

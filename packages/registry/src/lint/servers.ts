/**
 * Rules on the MCP servers of a registry.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization MCP authorization, canonical server URI}
 */
import { isScope, OFFLINE_ACCESS, resourceKey } from '@carnet/protocol'
import type { ServerEntry } from '../types.ts'
import { broken, isWebUrl, type RegistryProblem, repeated } from './problem.ts'

/** @param issuers - the registered authorization servers */
export function lintServers(servers: readonly ServerEntry[], issuers: ReadonlySet<string>): readonly RegistryProblem[] {
  const resourcesAgain = repeated(servers.map(({ resource }) => resourceKey(resource) ?? resource))
  const prefixesAgain = sharedPrefixes(servers)
  return servers.flatMap((server, position) => {
    const at = `servers[${position}]`
    return [
      ...broken([
        ...resourceChecks(server, at),
        [`${at}.resource`, !resourcesAgain.has(position), 'is registered twice'],
        [`${at}.authorizationServer`, issuers.has(server.authorizationServer), 'is not registered'],
        [`${at}.scopes`, !prefixesAgain.has(position), 'share their prefix with those of another server'],
      ]),
      ...lintScopes(server, at),
      ...lintTools(server, at),
    ]
  })
}

function resourceChecks({ resource }: ServerEntry, at: string) {
  const path = URL.canParse(resource) ? new URL(resource).pathname : ''
  return [
    [`${at}.resource`, isWebUrl(resource), 'is not an https URL'],
    [`${at}.resource`, !resource.includes('#'), 'has a fragment'],
    // Clients and URL libraries add a slash to a bare host, so two spellings of it would be in use.
    [`${at}.resource`, path.replaceAll('/', '') !== '', 'has no path'],
    [`${at}.resource`, path === '/' || !path.endsWith('/'), 'ends in a slash'],
  ] as const
}

function lintScopes({ scopes }: ServerEntry, at: string): readonly RegistryProblem[] {
  const again = repeated(scopes.map(({ name }) => name))
  const [prefix] = scopes.map(({ name }) => prefixOf(name))
  return scopes.flatMap(({ name }, position) => {
    const path = `${at}.scopes[${position}].name`
    return broken([
      [path, isScope(name), 'is not a scope'],
      [path, !again.has(position), 'is there twice'],
      [path, name !== OFFLINE_ACCESS, 'is never granted at an MCP server'],
      [path, name === OFFLINE_ACCESS || prefixOf(name) !== undefined, 'has no prefix, as in "chat.read"'],
      [path, prefixOf(name) === undefined || prefixOf(name) === prefix, 'has another prefix than the first scope'],
    ])
  })
}

function lintTools({ tools, scopes }: ServerEntry, at: string): readonly RegistryProblem[] {
  const again = repeated(tools.map(({ name }) => name))
  const known = new Set(scopes.map(({ name }) => name))
  return tools.flatMap((tool, position) => [
    ...broken([[`${at}.tools[${position}].name`, tool.name !== '' && !again.has(position), 'is empty or there twice']]),
    ...broken(
      tool.scopes.map((scope, n) => [
        `${at}.tools[${position}].scopes[${n}]`,
        known.has(scope),
        'is not one of the scopes',
      ]),
    ),
  ])
}

/** What tells the scopes of one server from those of another: `chat` in `chat.read`. */
function prefixOf(scope: string): string | undefined {
  return /^([^.:/]+)[.:/]./.exec(scope)?.[1]
}

/** Positions of the servers whose scopes begin like those of an earlier one. */
function sharedPrefixes(servers: readonly ServerEntry[]): ReadonlySet<number> {
  const owners = new Map<string, number>()
  const sharing = new Set<number>()
  for (const [position, { scopes }] of servers.entries()) {
    for (const { name } of scopes) {
      const prefix = prefixOf(name)
      if (prefix === undefined) continue
      const owner = owners.get(prefix) ?? position
      owners.set(prefix, owner)
      if (owner !== position) sharing.add(position)
    }
  }
  return sharing
}

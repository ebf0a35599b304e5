/**
 * Reads the challenge of an MCP server.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750 §3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 RFC 9728 §5.1}
 */
import { parseScopes, type Scope } from '@carnet/protocol'

export interface Challenge {
  readonly error: string | undefined
  readonly resourceMetadata: string | undefined
  readonly scopes: readonly Scope[] | undefined
}

/**
 * The leading `Bearer` challenge of a `WWW-Authenticate` header.
 *
 * @param header - attacker-controlled
 */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null || header.length > MAX_HEADER_LENGTH || !/^bearer\b/i.test(header)) return undefined
  const parameters = new Map<string, string>()
  for (const [, name, quoted, bare] of header.slice('bearer'.length).matchAll(PARAMETER)) {
    // The first mention wins: a later challenge in the same header must not override the Bearer one.
    const key = (name ?? '').toLowerCase()
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '')
  }
  const scope = parseScopes(parameters.get('scope') ?? '')
  return {
    error: parameters.get('error'),
    resourceMetadata: parameters.get('resource_metadata'),
    scopes: scope.ok ? scope.value : undefined,
  }
}

const MAX_HEADER_LENGTH = 8192
const PARAMETER = /[\s,]([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi

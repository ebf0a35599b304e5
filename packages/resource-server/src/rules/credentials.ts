/**
 * Finds the access token of a request: in the `Authorization` header or nowhere.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2 RFC 6750 §2}
 */
import { accept, type Result, refuse } from '@carnet/protocol'
import type { CredentialsRefusal } from '../refusals.ts'
import type { RequestFacts } from '../request-facts.ts'

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i

/** @param request - attacker-controlled */
export function bearerToken(request: RequestFacts): Result<string, CredentialsRefusal> {
  const authorization = request.headers.get('authorization')
  if (authorization === null || !/^Bearer\b/i.test(authorization)) return refuse({ reason: 'no-credentials' })
  if (triesAnotherWay(request)) return refuse({ reason: 'two-methods' })
  const token = BEARER.exec(authorization)?.[1]
  return token === undefined ? refuse({ reason: 'malformed-credentials' }) : accept(token)
}

/** A token in the URL ends up in logs; a form body is no way to call an MCP server. Neither is ever read. */
function triesAnotherWay({ url, headers }: RequestFacts): boolean {
  const query = url.indexOf('?')
  if (query >= 0 && new URLSearchParams(url.slice(query)).has('access_token')) return true
  return headers.get('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false
}

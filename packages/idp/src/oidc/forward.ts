/**
 * Hands a request on to `oidc-provider` as it may see it.
 *
 * The body has been read, so it goes along parsed, with this process's internal secret in the place of whatever
 * the client proved itself with.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Form } from '@carnet/http'
import type { IssuerId } from '@carnet/protocol'
import type { ClientEntry } from '@carnet/registry'
import type { Provider } from 'oidc-provider'
import { pathOf } from './routes.ts'

/** How a client proved itself to us: none of it is for anybody else. */
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
])
const CREDENTIAL_HEADERS = [
  'authorization',
  'oauth-client-attestation',
  'oauth-client-attestation-pop',
  'dpop',
] as const

/** Puts our authentication in the place of the client's. */
export function authenticatedRequest(
  request: IncomingMessage & { body?: unknown },
  form: Form,
  client: ClientEntry,
  internalSecret: string,
): void {
  for (const name of CREDENTIAL_HEADERS) delete request.headers[name]
  delete request.headers.origin
  request.headers.accept = 'application/json'
  const parameters = [...form.entries()].filter(([name]) => !CREDENTIAL_PARAMETERS.has(name))
  request.body = {
    ...Object.fromEntries(parameters.map(([name, values]) => [name, values[0]])),
    client_id: client.id,
    client_secret: internalSecret,
  }
}

/**
 * Lets the provider answer. It sees the issuer identifier as the address that was asked for: the `Host` header
 * and forwarded headers of the outside do not get to it.
 */
export function answerBy(
  provider: Provider,
  issuer: IssuerId,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { host, protocol } = new URL(issuer)
  request.headers.host = host
  request.headers['x-forwarded-host'] = host
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
  delete request.headers['x-forwarded-for']
  const path = pathOf(issuer)
  const outside: IncomingMessage & { originalUrl?: string } = request
  outside.originalUrl = request.url ?? '/'
  request.url = outside.originalUrl.slice(path.length)
  provider.callback()(request, response)
}

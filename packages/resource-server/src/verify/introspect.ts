/**
 * Asks the authorization server about a token that only it can read.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-4 RFC 7662 §4}
 */
import {
  accept,
  type ClientId,
  type EpochSeconds,
  Fault,
  type Hidden,
  type IssuerId,
  type OutboundHttp,
  parseStrictJson,
  type ResourceId,
  type Result,
  refuse,
  type TokenId,
} from '@carnet/protocol'
import { z } from 'zod'
import type { TokenRefusal } from '../refusals.ts'

export interface IntrospectionEndpoint {
  readonly issuer: IssuerId
  readonly url: string
  /** How this resource server authenticates there (`client_secret_basic`). */
  readonly id: string
  readonly secret: Hidden
}

const text = z.string().min(1).max(2048)
const instant = z
  .number()
  .int()
  .nonnegative()
  .transform((value) => value as EpochSeconds)

const activeToken = z.object({
  active: z.literal(true),
  iss: text.optional(),
  sub: text,
  aud: z.union([text.transform((aud) => [aud]), z.array(text).max(20)]),
  client_id: text.transform((value) => value as ClientId),
  exp: instant,
  iat: instant.optional(),
  jti: text.transform((value) => value as TokenId).optional(),
  scope: z.string().max(8192).optional(),
  tenant: text.optional(),
  sid: text.optional(),
  txn: text.optional(),
  cnf: z.record(z.string(), z.unknown()).optional(),
})
export type ActiveToken = z.output<typeof activeToken>

const inactiveToken = z.object({ active: z.literal(false) })

/**
 * @param token - attacker-controlled, and unreadable to us
 * @throws {Fault} `peer-unavailable`, `peer-misbehaved`: nobody is let in on a missing answer
 */
export async function introspect(
  token: string,
  resource: ResourceId,
  endpoint: IntrospectionEndpoint,
  http: OutboundHttp,
): Promise<Result<ActiveToken, TokenRefusal>> {
  const answer = await ask(token, endpoint, http)
  if (inactiveToken.safeParse(answer).success) return refuse({ reason: 'inactive' })
  const active = activeToken.safeParse(answer)
  if (!active.success) {
    return refuse({ reason: 'invalid-claims', paths: active.error.issues.map(({ path }) => path.join('.')) })
  }
  const { iss, aud, cnf } = active.data
  if (iss !== undefined && iss !== endpoint.issuer) return refuse({ reason: 'unknown-issuer', iss })
  if (!aud.some((audience) => audience === resource)) return refuse({ reason: 'wrong-audience', aud })
  if (cnf !== undefined) return refuse({ reason: 'key-bound' })
  return accept(active.data)
}

async function ask(token: string, endpoint: IntrospectionEndpoint, http: OutboundHttp): Promise<unknown> {
  const credentials = Buffer.from(`${endpoint.id}:${endpoint.secret.reveal()}`).toString('base64')
  const { status, body } = await http.send({
    method: 'POST',
    url: endpoint.url,
    headers: {
      accept: 'application/json',
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    maxBytes: 65_536,
  })
  const answer = status === 200 ? parseStrictJson(body) : undefined
  if (answer?.ok !== true) {
    throw new Fault('peer-unavailable', `Introspection was answered with status ${status}`, { retryAfterSeconds: 5 })
  }
  return answer.value
}

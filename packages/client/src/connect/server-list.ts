/** Asks the company's IdP which MCP servers its policy opens to this person through this client. */
import { accept, type IssuerId, isScope, type ResourceId, type Scope } from '@carnet/protocol'
import { z } from 'zod'
import type { Settings } from '../config.ts'
import { ask, jsonOf } from '../http/ask.ts'
import { isSecureEndpoint, sameOrigin } from '../http/urls.ts'
import { type Step, stop } from '../refusal.ts'
import type { Identity } from '../sign-in/identity.ts'
import type { Session } from '../sign-in/session.ts'

export interface EntitledServer {
  readonly name: string
  readonly resource: ResourceId
  readonly authorizationServer: IssuerId
  readonly scopes: readonly Scope[]
}

const serverList = z.object({
  servers: z
    .array(
      z.object({
        resource: z.string().transform((value) => value as ResourceId),
        name: z.string().default(''),
        authorization_server: z.string().transform((value) => value as IssuerId),
        scopes: z.array(z.string()).default([]),
      }),
    )
    .max(10_000),
})

export async function listServers(session: Session, settings: Settings): Promise<Step<readonly EntitledServer[]>> {
  const issuer = await session.issuer('list')
  if (!issuer.ok) return issuer
  const { issuer: name, carnet_servers_endpoint: url } = issuer.value.metadata
  if (url === undefined) return stop('list', 'endpoint-missing')
  if (!isSecureEndpoint(url, settings.allowInsecureLoopback)) return stop('list', 'endpoint-insecure')
  if (!sameOrigin(url, name)) return stop('list', 'endpoint-foreign')

  const identity = await session.current()
  if (!identity.ok) return identity
  const first = await listWith(identity.value, url, settings)
  if (first.ok || first.refusal.reason !== 'sign-in-ended') return first
  const renewed = await session.renewed(identity.value)
  return renewed.ok ? listWith(renewed.value, url, settings) : renewed
}

async function listWith(
  { issuerAccessToken }: Identity,
  url: string,
  { http }: Settings,
): Promise<Step<readonly EntitledServer[]>> {
  if (issuerAccessToken === undefined) return stop('list', 'sign-in-ended')
  const headers = { accept: 'application/json', authorization: `Bearer ${issuerAccessToken.reveal()}` }
  const response = await ask(http, 'list', { url, headers })
  if (!response.ok) return response
  const { status } = response.value
  if (status === 401) return stop('list', 'sign-in-ended')
  if (status === 403) return stop('list', 'access-denied')
  if (status === 429 || status >= 500) return stop('list', 'overloaded')
  const list = serverList.safeParse(status === 200 ? jsonOf(response.value) : undefined)
  if (!list.success) return stop('list', 'answer-malformed')
  return accept(
    list.data.servers.map(({ authorization_server, scopes, ...server }) => ({
      ...server,
      authorizationServer: authorization_server,
      scopes: scopes.filter(isScope),
    })),
  )
}

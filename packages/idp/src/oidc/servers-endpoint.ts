/**
 * Tells a person's client which MCP servers the company's policy opens to that person through that client.
 *
 * A help for showing something before anything is exchanged: each exchange is decided by itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Person, SignIn } from '@carnet/directory'
import { type Answer, failureError, jsonAnswer, oauthErrorAnswer, writeAnswer } from '@carnet/http'
import type { EpochSeconds, PersonId, Scope, SessionId } from '@carnet/protocol'
import { entitledServers, type Target } from '@carnet/registry'
import type { AccessToken, Provider } from 'oidc-provider'
import type { ExchangeContext } from '../ports.ts'
import { type AccountPorts, personBehind } from './accounts.ts'

export interface ServersContext
  extends AccountPorts,
    Pick<ExchangeContext, 'self' | 'registry' | 'policy' | 'clock' | 'log'> {}

/** Answers `GET` with the access token of this issuer. Never throws. */
export async function handleServers(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  context: ServersContext,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*')
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'Authorization',
      'access-control-max-age': '3600',
    })
    response.end()
    return
  }
  if (request.method !== 'GET') {
    response.writeHead(405, { allow: 'GET, OPTIONS' })
    response.end()
    return
  }
  try {
    writeAnswer(response, await serversAnswer(request.headers.authorization, provider, context))
  } catch (error) {
    context.log.error('A list of servers could not be made', { error })
    writeAnswer(response, oauthErrorAnswer(failureError(error)))
  }
}

async function serversAnswer(
  authorization: string | undefined,
  provider: Provider,
  context: ServersContext,
): Promise<Answer> {
  if (authorization === undefined) return unauthorized(undefined)
  const token = await accessTokenOf(authorization, provider)
  const bearer = token === undefined ? undefined : await bearerOf(token, context)
  if (token === undefined || bearer === undefined) return unauthorized('invalid_token')
  const snapshot = context.registry.current()
  const client = snapshot.clients.get(bearer.signIn.client)
  if (client === undefined || !client.enabled) return unauthorized('invalid_token')

  const now = context.clock.now()
  const servers = entitledServers(snapshot, context.self, client, (target) =>
    permittedScopes(target, bearer, now, context),
  )
  return jsonAnswer(200, {
    servers: servers.map(({ server, authorizationServer, scopes }) => ({
      resource: server.resource,
      name: server.name,
      authorization_server: authorizationServer.issuer,
      scopes,
    })),
  })
}

async function accessTokenOf(authorization: string, provider: Provider): Promise<AccessToken | undefined> {
  const value = /^bearer ([A-Za-z0-9_-]{1,256})$/i.exec(authorization)?.[1]
  const token = value === undefined ? undefined : await provider.AccessToken.find(value)
  if (token === undefined || !token.isValid || !token.scopes.has('openid')) return undefined
  const grant = token.grantId === undefined ? undefined : await provider.Grant.find(token.grantId)
  return grant === undefined ? undefined : token
}

interface Bearer {
  readonly person: Person
  readonly signIn: SignIn
}

async function bearerOf(token: AccessToken, context: ServersContext): Promise<Bearer | undefined> {
  if (token.sid === undefined) return undefined
  const person = await personBehind(token.accountId as PersonId, token, context)
  const signIn = await context.signIns.find(token.sid as SessionId)
  if (person === undefined || signIn === undefined || signIn.client !== token.clientId) return undefined
  return { person, signIn }
}

function permittedScopes(
  { server }: Target,
  { person, signIn }: Bearer,
  now: EpochSeconds,
  { policy }: ServersContext,
): readonly Scope[] {
  const { granted } = policy.currentDecider().decide({
    person: { id: person.id, groups: person.groups, attributes: person.attributes },
    client: { id: signIn.client },
    server: {
      resource: server.resource,
      authorizationServer: server.authorizationServer,
      environment: server.environment,
    },
    scopes: server.scopes,
    authentication: { acr: signIn.acr, amr: signIn.amr, ageSeconds: Math.max(0, now - signIn.authTime) },
  })
  return granted.map(({ scope }) => scope)
}

/** Without credentials the challenge says nothing but what is wanted (RFC 6750 §3.1). */
function unauthorized(error: 'invalid_token' | undefined): Answer {
  const challenge = error === undefined ? 'Bearer' : `Bearer error="${error}"`
  return jsonAnswer(401, error === undefined ? {} : { error }, { 'www-authenticate': challenge })
}

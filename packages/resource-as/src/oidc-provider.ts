/**
 * A Resource Authorization Server in front of `oidc-provider`, which adds the interactive flows: one issuer identifier,
 * one token endpoint, one key set, one place to revoke and introspect.
 *
 * The jwt-bearer grant is answered here and never reaches the provider; every other grant goes on to it, with the body
 * it was read from. JWTs are ours to revoke and introspect, opaque tokens the provider's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Form, type FormRules, MAX_FORM_BYTES, type RequestRefusal, readNodeForm, writeAnswer } from '@carnet/http'
import { formatScopes, JWT_BEARER_GRANT, type Result, refuse, sameResource } from '@carnet/protocol'
import { peekJwt, publicJwks, publishedAt, signerAt, unsafePrivateJwks } from '@carnet/tokens'
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { ResourceAuthorizationServer } from './app.ts'
import { type Metadata, mergedMetadata } from './endpoints/metadata.ts'
import { ENDPOINTS, issuerPath, metadataPaths } from './endpoints/paths.ts'
import { type NodeListener, nodeListener, pathOf, sourceOf } from './node.ts'
import type { ResourceAsPorts } from './ports.ts'
import { MAX_TOKEN_LIFETIME_SECONDS } from './redeem/access-token.ts'

/**
 * Puts the server in front of the provider.
 *
 * @param provider - built with `sharedConfiguration`, under the same issuer identifier; it is changed: two of its
 * documents are completed, and it believes the forwarded headers, which only this listener sets
 * @returns a listener for `http.createServer` that answers everything under the issuer identifier
 */
export function inFrontOf(provider: Provider, server: ResourceAuthorizationServer): NodeListener {
  if (provider.issuer !== server.issuer) throw new Error('The provider has another issuer identifier')
  completeDocuments(provider, server)
  const forwardedIsTrusted = provider.proxy
  provider.proxy = true
  const theirs = provider.callback()
  const ours = nodeListener(server)
  const path = issuerPath(server.issuer)
  const documents = new Set(metadataPaths(server.issuer))
  const pathsOf = (name: string, own: string) => [path + own, ...routeOf(provider, name).map((route) => path + route)]
  const tokenPaths = new Set(pathsOf('token', ENDPOINTS.token))
  const aboutTokens = new Map(
    [
      { name: 'introspection', own: ENDPOINTS.introspect },
      { name: 'revocation', own: ENDPOINTS.revoke },
    ].flatMap(({ name, own }) => pathsOf(name, own).map((at) => [at, { own, theirs: routeOf(provider, name)[0] }])),
  )
  const ownPaths = new Set<string>([path + ENDPOINTS.revocations, path + ENDPOINTS.events])

  /** The provider sees the issuer identifier as the address that was asked for, whatever the `Host` header says. */
  function forward(request: WithBody, response: ServerResponse, to: string): void {
    const { host, protocol } = new URL(server.issuer)
    request.headers.host = host
    request.headers['x-forwarded-host'] = host
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    if (!forwardedIsTrusted) delete request.headers['x-forwarded-for']
    request.originalUrl = path + to
    request.url = to
    theirs(request, response)
  }

  async function token(request: WithBody, response: ServerResponse): Promise<void> {
    const form = onlyChoices(await readNodeForm(request, FORM))
    if (form.ok && form.value.get('grant_type') !== JWT_BEARER_GRANT) {
      request.body = bodyOf(form.value)
      forward(request, response, routeOf(provider, 'token')[0] ?? ENDPOINTS.token)
      return
    }
    const { authorization } = request.headers
    writeAnswer(response, await server.token({ form, authorization, source: sourceOf(request, server) }))
  }

  async function aboutToken(
    request: WithBody,
    response: ServerResponse,
    endpoint: { readonly own: string; readonly theirs: string | undefined },
  ): Promise<void> {
    const form = await readNodeForm(request, FORM)
    const presented = form.ok ? form.value.get('token') : undefined
    if (form.ok && endpoint.theirs !== undefined && presented !== undefined && peekJwt(presented) === undefined) {
      request.body = bodyOf(form.value)
      forward(request, response, endpoint.theirs)
      return
    }
    const { authorization } = request.headers
    const asked = { form, authorization, source: sourceOf(request, server) }
    writeAnswer(response, await (endpoint.own === ENDPOINTS.revoke ? server.revoke(asked) : server.introspect(asked)))
  }

  return (request, response) => {
    const at = pathOf(request)
    const endpoint = aboutTokens.get(at)
    const end = (error: unknown) => {
      server.log.error('a connection ended before it was answered', { issuer: server.issuer, error })
      response.destroy()
    }
    if (tokenPaths.has(at) && request.method === 'POST') token(request, response).catch(end)
    else if (endpoint !== undefined && request.method === 'POST') aboutToken(request, response, endpoint).catch(end)
    else if (ownPaths.has(at)) ours(request, response)
    else if (documents.has(at)) forward(request, response, '/.well-known/openid-configuration')
    else forward(request, response, (request.url ?? '/').slice(path.length) || '/')
  }
}

interface WithBody extends IncomingMessage {
  body?: unknown
  originalUrl?: string
}

/** `resource` may be repeated in other grants of the provider. */
const FORM: FormRules = { repeatable: new Set(['resource']), maxBytes: MAX_FORM_BYTES }

/** What may be repeated elsewhere may not be here. */
function onlyChoices(form: Result<Form, RequestRefusal>): Result<Form, RequestRefusal> {
  if (!form.ok || form.value.get('grant_type') !== JWT_BEARER_GRANT) return form
  return form.value.getAll('resource').length > 1 ? refuse({ reason: 'repeated-parameter', name: 'resource' }) : form
}

function bodyOf(form: Form): Record<string, string | readonly string[] | undefined> {
  return Object.fromEntries([...form.entries()].map(([name, values]) => [name, values.length > 1 ? values : values[0]]))
}

/** The provider's route of this name; none where the feature is off. */
function routeOf(provider: Provider & { readonly pathFor?: unknown }, name: string): readonly string[] {
  if (typeof provider.pathFor !== 'function') throw new Error('This oidc-provider does not say where its routes are')
  try {
    return [String(provider.pathFor(name, { mountPath: '' }))]
  } catch (error) {
    // The router has one answer to a name it does not know.
    if (error instanceof Error && error.message.startsWith('No route found')) return []
    throw error
  }
}

/** Adds what this server does to the provider's two documents. */
function completeDocuments(provider: Provider, server: ResourceAuthorizationServer): void {
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next()
    if (ctx.status !== 200 || ctx.method === 'OPTIONS') return
    if (ctx.oidc?.route === 'discovery') ctx.body = mergedMetadata(bodyAs<Metadata>(ctx), server.metadata())
    if (ctx.oidc?.route === 'jwks') ctx.body = mergedKeys(bodyAs<Keys>(ctx), server)
  })
}

/** What the provider itself put there a moment ago. */
function bodyAs<Body>({ body }: { readonly body: unknown }): Body {
  return body as Body
}

interface Keys {
  readonly keys: readonly { readonly kid?: string }[]
}

/** Ours first: of two keys with one id, the one this server verifies with is the one that is published. */
function mergedKeys({ keys: theirs }: Keys, { redemption }: ResourceAuthorizationServer): Keys {
  const { keys: ours } = publicJwks(publishedAt(redemption.signingKeys.ring(), redemption.clock.now()))
  const known = new Set<string | undefined>(ours.map(({ kid }) => kid))
  return { keys: [...ours, ...theirs.filter(({ kid }) => !known.has(kid))] }
}

/**
 * The part of the provider's configuration that makes both halves one server: the same keys, and JWT access tokens for
 * the same resources. Spread it into your own; build the provider anew when the keys are rotated.
 */
export function sharedConfiguration({
  server,
  registrations,
}: {
  readonly server: Pick<ResourceAuthorizationServer, 'redemption'>
  readonly registrations: ResourceAsPorts['registrations']
}): Pick<Configuration, 'jwks' | 'clientDefaults'> & { readonly resourceIndicators: ResourceIndicators } {
  const { signingKeys, signingAlgorithm, clock } = server.redemption
  const now = clock.now()
  const signer = signerAt(signingKeys.ring(), signingAlgorithm, now)
  const others = publishedAt(signingKeys.ring(), now).filter((key) => key !== signer && key.signsFrom <= now)
  return {
    jwks: unsafePrivateJwks([signer, ...others]),
    clientDefaults: { id_token_signed_response_alg: signingAlgorithm },
    resourceIndicators: {
      enabled: true,
      async getResourceServerInfo(_ctx, indicator) {
        const resource = registrations.current().resources.find(({ id }) => sameResource(id, indicator))
        if (resource === undefined) {
          const { errors } = await import('oidc-provider')
          throw new errors.InvalidTarget()
        }
        return {
          audience: resource.id,
          scope: formatScopes(resource.scopes),
          accessTokenTTL: Math.min(resource.tokenLifetimeSeconds, MAX_TOKEN_LIFETIME_SECONDS),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: signingAlgorithm, kid: signer.kid } },
        }
      },
      useGrantedResource: () => true,
    },
  }
}

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

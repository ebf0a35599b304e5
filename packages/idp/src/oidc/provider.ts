/**
 * The OpenID provider: `oidc-provider`, configured so that it decides nothing the company has decided elsewhere.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html OpenID Connect Core}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1 OAuth 2.1}
 */
import type { ClientId, EpochSeconds, PersonId } from '@carnet/protocol'
import type { ClientEntry, RegistryReader } from '@carnet/registry'
import { type KeyRing, type SigningKey, signerAt, unsafePrivateJwks } from '@carnet/tokens'
import type { Account, Configuration, errors, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { IssuerConfig } from '../config.ts'
import { type AccountPorts, type ArtefactFacts, accountOf, activePerson, personBehind } from './accounts.ts'
import { createAdapterFactory } from './adapter.ts'
import { projectClient } from './client-projection.ts'
import { grantFor, OPENID_SCOPES } from './grants.ts'
import type { OidcProviderModule } from './load-oidc-provider.ts'
import { SESSION_COOKIE } from './logout.ts'
import { keepOfflineAccess } from './offline-access.ts'
import type { IssuerPages } from './pages.ts'
import { postLogoutRedirectUriAllowed, redirectUriAllowed } from './redirect-uri.ts'
import { afterRequest, type RequestHookPorts } from './request-hooks.ts'
import { ROUTES } from './routes.ts'
import { endSignIn } from './sessions.ts'
import { signInPolicy } from './sign-in-policy.ts'

export interface ProviderPorts extends RequestHookPorts, Pick<AccountPorts, 'people' | 'revocations'> {
  readonly registry: RegistryReader
  readonly pages: IssuerPages
  readonly acrValues: readonly string[]
  /** Known to this process only: says that a request was authenticated by us. */
  readonly internalSecret: string
}

/** Builds a provider that signs with the keys in force at `now`. */
export function buildProvider(
  module: OidcProviderModule,
  config: IssuerConfig,
  ring: KeyRing,
  now: EpochSeconds,
  ports: ProviderPorts,
): Provider {
  const { Provider: ProviderClass, interactionPolicy, errors } = module
  const { registry, internalSecret } = ports
  const projection = { internalSecret, idTokenAlgorithm: config.idTokenAlgorithm }
  const clientOf = (id: string): ClientEntry | undefined => {
    const client = registry.current().clients.get(id as ClientId)
    return client?.enabled === true ? client : undefined
  }
  const provider: Provider = new ProviderClass(config.issuer, {
    ...behaviour(config, ports, errors.InvalidGrant, () => provider),
    adapter: createAdapterFactory({
      records: ports.records,
      clock: ports.clock,
      endSignIn: (sid) => endSignIn(sid, isLogout(ProviderClass.ctx) ? 'logout' : 'grant-revoked', ports),
      findClient: (id) => {
        const client = clientOf(id)
        return client && projectClient(client, projection)
      },
      InvalidGrant: errors.InvalidGrant,
    }),
    jwks: unsafePrivateJwks(keysInUse(config, ring, now)),
    interactions: {
      policy: signInPolicy(interactionPolicy, ports, ports.acrValues),
      url: (_ctx, interaction) => `${config.issuer}${ROUTES.interaction}/${interaction.uid}`,
    },
  })

  // What the browser asked for is the issuer identifier, whatever the connection to this process looks like:
  // our edge sets the forwarded headers, and nobody else can.
  provider.proxy = true
  const { prototype } = provider.Client
  prototype.redirectUriAllowed = function (value) {
    const client = clientOf(this.clientId)
    return client !== undefined && redirectUriAllowed(client, value)
  }
  prototype.postLogoutRedirectUriAllowed = function (value) {
    const client = clientOf(this.clientId)
    return client !== undefined && postLogoutRedirectUriAllowed(client, value)
  }
  // Every ID Token says which sign-in it belongs to.
  prototype.includeSid = () => true
  provider.use(afterRequest(provider, ports))
  provider.on('server_error', (ctx, error) => {
    ctx.state.failure = error
  })
  const noteDetail = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    ctx.state.detail = error.error_detail ?? error.error_description
  }
  provider.on('grant.error', noteDetail)
  provider.on('revocation.error', noteDetail)
  provider.on('introspection.error', noteDetail)
  return provider
}

/** The key that signs comes first of its algorithm; those that have signed stay, for the hint of a logout. */
function keysInUse({ signingAlgorithms }: IssuerConfig, ring: KeyRing, now: EpochSeconds): readonly SigningKey[] {
  const signers = signingAlgorithms.map((alg) => signerAt(ring, alg, now))
  const earlier = ring.filter((key) => key.signsFrom <= now && !signers.includes(key))
  return [...signers, ...earlier]
}

function behaviour(
  config: IssuerConfig,
  ports: ProviderPorts,
  InvalidGrant: typeof errors.InvalidGrant,
  provider: () => Provider,
): Configuration {
  const { pages } = ports
  return {
    acrValues: [...ports.acrValues],
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: {
      openid: ['sub', 'auth_time', 'acr', 'amr', 'sid'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    clientAuthMethods: ['client_secret_post'],
    // A program's own requests: `Origin` is taken off those that we authenticated.
    clientBasedCORS: (ctx) => ctx.oidc.route === 'userinfo',
    clockTolerance: 5,
    cookies: {
      names: { session: SESSION_COOKIE, interaction: 'carnet_sign_in', resume: 'carnet_resume' },
      keys: [...config.cookieKeys],
      long: { signed: true, httpOnly: true, sameSite: 'lax' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    extraParams: { scope: keepOfflineAccess },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => mayIntrospect(client, token, ports) },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => {
          if (token.clientId !== client.clientId) throw new InvalidGrant('token of another client')
          return true
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.confirmLogout,
        postLogoutSuccessSource: pages.loggedOut,
      },
    },
    findAccount: (_ctx, id, token) => findAccount(id as PersonId, token as ArtefactFacts | undefined, ports),
    loadExistingGrant: (ctx) => grantFor(ctx, provider(), ports.random),
    pkce: { required: () => true },
    renderError: pages.error,
    responseTypes: ['code'],
    rotateRefreshToken: true,
    routes: {
      authorization: ROUTES.authorization,
      end_session: ROUTES.endSession,
      introspection: ROUTES.introspection,
      jwks: ROUTES.jwks,
      revocation: ROUTES.revocation,
      token: ROUTES.token,
      userinfo: ROUTES.userinfo,
    },
    scopes: [...OPENID_SCOPES],
    ttl: {
      AccessToken: config.accessTokenSeconds,
      AuthorizationCode: config.codeSeconds,
      Grant: Math.max(config.refreshTokenSeconds, config.sessionSeconds),
      IdToken: config.idTokenSeconds,
      Interaction: config.interactionSeconds,
      RefreshToken: config.refreshTokenSeconds,
      Session: config.sessionSeconds,
    },
  }
}

async function findAccount(
  id: PersonId,
  artefact: ArtefactFacts | undefined,
  ports: AccountPorts,
): Promise<Account | undefined> {
  // Without an artefact it is the browser session that asks; when that began is a question of the sign-in policy.
  const person = await (artefact === undefined ? activePerson(id, ports) : personBehind(id, artefact, ports))
  return person && accountOf(person)
}

/** A client may ask about its own tokens; those of others do not exist for it. */
async function mayIntrospect(
  client: { readonly clientId: string },
  token: ArtefactFacts & { readonly accountId?: string | undefined },
  ports: AccountPorts,
): Promise<boolean> {
  if (token.clientId !== client.clientId || token.accountId === undefined) return false
  return (await personBehind(token.accountId as PersonId, token, ports)) !== undefined
}

function isLogout(ctx: KoaContextWithOIDC | undefined): boolean {
  return ctx?.oidc.route === 'end_session_confirm'
}

/** A small registry in which everything is right, for tests to break one thing of. */
import type { ClientId, IssuerId, ResourceId, Scope } from '@carnet/protocol'
import type { AuthorizationServerEntry, ClientEntry, RegistrySnapshot, ServerEntry } from '../src/index.ts'

export const SELF = 'https://idp.acme.test' as IssuerId
export const R = 'https://auth.chat.test' as IssuerId
export const R2 = 'https://auth.wiki.test' as IssuerId
export const S = 'https://mcp.chat.test/mcp' as ResourceId
export const S2 = 'https://mcp.wiki.test/mcp' as ResourceId

export const chatAs: AuthorizationServerEntry = {
  issuer: R,
  name: 'Chat',
  aliases: [],
  acceptsSlashVariant: false,
  signingAlgorithm: 'ES256',
  subjectRule: { kind: 'directory-id' },
  releasedClaims: [],
  idJagLifetimeSeconds: 300,
}
export const wikiAs: AuthorizationServerEntry = { ...chatAs, issuer: R2, name: 'Wiki' }

export const chat: ServerEntry = {
  resource: S,
  authorizationServer: R,
  name: 'Chat',
  state: 'approved',
  environment: 'production',
  scopes: [
    { name: 'chat.read' as Scope, title: 'Read messages', class: 'read' },
    { name: 'chat.write' as Scope, title: 'Write messages', class: 'write' },
  ],
  tools: [{ name: 'list_messages', class: 'read', scopes: ['chat.read' as Scope] }],
}
export const wiki: ServerEntry = {
  ...chat,
  resource: S2,
  authorizationServer: R2,
  name: 'Wiki',
  scopes: [{ name: 'wiki.read' as Scope, title: 'Read pages', class: 'read' }],
  tools: [],
}

export const app: ClientEntry = {
  id: 'app' as ClientId,
  name: 'App',
  enabled: true,
  authMethods: ['client_secret_basic', 'client_secret_post'],
  secrets: [{ sha256: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', until: undefined }],
  jwks: undefined,
  publicException: false,
  redirectUris: ['https://app.test/callback'],
  postLogoutRedirectUris: [],
  applicationType: 'web',
  grantTypes: ['authorization_code'],
  registrations: { [R]: 'app-at-chat' as ClientId, [R2]: 'app-at-wiki' as ClientId },
}

export function snapshotOf(change: Partial<Omit<RegistrySnapshot, 'clients'>> = {}): RegistrySnapshot {
  return {
    version: '1',
    authorizationServers: [chatAs, wikiAs],
    servers: [chat, wiki],
    clients: new Map([[app.id, app]]),
    ...change,
  }
}

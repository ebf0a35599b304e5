export { type EntitledServer, entitledServers, targetsOf } from './entitled-servers.ts'
export { type RequestedScopes, scopesOfRequest } from './requested-scopes.ts'
export { registrationAt, resolveTarget, type Target, type TargetRefusal, type TargetRequest } from './resolve-target.ts'
export * from './types.ts'

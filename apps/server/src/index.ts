export type { HostedConfig, HostedShared, ServerConfig } from './config.ts'
export type { HostedAuthorizationServer } from './hosting/hosted.ts'
export { type RunningServer, startServer } from './server.ts'
export type { Stores } from './stores.ts'

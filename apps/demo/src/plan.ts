/** Where everything of the demo is, for one port: addresses, issuers, files. */
import { join } from 'node:path'
import type { IssuerId, ResourceId } from '@carnet/protocol'
import { DEMO_SERVERS, type DemoServer } from './organisation.ts'

export interface PlannedServer {
  readonly server: DemoServer
  readonly port: number
  readonly resource: ResourceId
  /** Issuer identifier of its Resource Authorization Server. */
  readonly authorizationServer: IssuerId
  /** Where its process finds what it is told. */
  readonly settingsFile: string
  readonly logFile: string
}

export interface DemoPlan {
  readonly issuer: IssuerId
  readonly servers: readonly PlannedServer[]
  readonly demoFile: string
  readonly secretsFile: string
  readonly dataFolder: string
  readonly logFile: string
  readonly adminUrl: string
}

export function planDemo(port: number, home: string): DemoPlan {
  const issuer = `http://localhost:${port}`
  return {
    issuer: issuer as IssuerId,
    servers: DEMO_SERVERS.map((server) => ({
      server,
      port: port + server.portOffset,
      resource: `http://localhost:${port + server.portOffset}/mcp` as ResourceId,
      authorizationServer: `${issuer}/${server.key}` as IssuerId,
      settingsFile: join(home, `${server.key}.json`),
      logFile: join(home, 'logs', `${server.key}.log`),
    })),
    demoFile: join(home, 'demo.json'),
    secretsFile: join(home, 'secrets.json'),
    dataFolder: join(home, 'data'),
    logFile: join(home, 'logs', 'carnet.log'),
    adminUrl: `${issuer}/api/v1`,
  }
}

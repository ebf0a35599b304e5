/** The organisation that is loaded: one client, one MCP server, one person, and an IdP elsewhere that is trusted too. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IssuerId, ResourceId } from '@carnet/protocol'
import { type NewClientCredentials, newClientCredentials } from '@carnet/resource-as'
import {
  generateSigningKey,
  newMasterKey,
  type PublicJwks,
  publicJwks,
  type SigningKey,
  systemRandom,
} from '@carnet/tokens'

/** What the processes of one Carnet are told; plain data. */
export interface Organisation {
  readonly issuer: IssuerId
  readonly port: number
  readonly database: { readonly folder: string } | { readonly url: string }
  readonly masterKey: string
  /** The client, at the issuer and at the Resource Authorization Server. */
  readonly client: NewClientCredentials
  readonly clientThere: NewClientCredentials
  readonly authorizationServer: IssuerId
  /** The MCP server, and how it authenticates for the revocation feed. */
  readonly resource: ResourceId
  readonly resourcePort: number
  readonly resourceServer: NewClientCredentials
  /** An issuer that runs nowhere: the load generator signs in its name. */
  readonly elsewhere: { readonly issuer: IssuerId; readonly jwks: PublicJwks }
}

export interface OrganisationWithKey {
  readonly organisation: Organisation
  readonly keyOfElsewhere: SigningKey
  /** Removes its data; after the processes. */
  stop(): Promise<void>
}

export const SCOPES = ['issues.read', 'issues.write'] as const

/** @param databaseUrl - a PostgreSQL server; an embedded database in a new folder unless given */
export async function newOrganisation(databaseUrl?: string): Promise<OrganisationWithKey> {
  const keyOfElsewhere = await generateSigningKey('ES256', { kid: 'elsewhere' })
  const [port, resourcePort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${port}`
  const folder = databaseUrl === undefined ? mkdtempSync(join(tmpdir(), 'carnet-bench-')) : undefined
  const database = folder === undefined ? { url: databaseUrl ?? '' } : { folder }
  return {
    keyOfElsewhere,
    async stop() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
    organisation: {
      issuer: issuer as IssuerId,
      port,
      database,
      masterKey: newMasterKey(systemRandom),
      client: newClientCredentials(systemRandom),
      clientThere: newClientCredentials(systemRandom),
      authorizationServer: `${issuer}/tracker` as IssuerId,
      resource: `http://localhost:${resourcePort}/mcp` as ResourceId,
      resourcePort,
      resourceServer: newClientCredentials(systemRandom),
      elsewhere: { issuer: 'https://elsewhere.example' as IssuerId, jwks: publicJwks([keyOfElsewhere]) },
    },
  }
}

export function basic({ id, secret }: NewClientCredentials): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

export async function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error()),
      )
    })
  })
}

/** Metadata of authorization servers, kept for a bounded time. */
import type { AuthorizationServerMetadata, Clock, OutboundHttp, Result } from '@carnet/protocol'
import { LRUCache } from 'lru-cache'
import { BoundedCopy, type CopyBounds } from './bounded-copy.ts'
import { fetchAuthorizationServerMetadata, type MetadataRefusal } from './peer-metadata.ts'

export interface MetadataCache {
  /**
   * The metadata of `issuer`, no older than the bound.
   *
   * @throws {Fault} `peer-unavailable`, `peer-misbehaved`
   */
  get(issuer: string): Promise<Result<AuthorizationServerMetadata, MetadataRefusal>>
}

export interface MetadataCacheOptions extends Partial<CopyBounds> {
  readonly http: OutboundHttp
  readonly clock: Clock
  /** Most issuers remembered at once. */
  readonly maxIssuers?: number
}

export function createMetadataCache(options: MetadataCacheOptions): MetadataCache {
  const { http, clock, cacheSeconds = 600, coolDownSeconds = 30, maxIssuers = 1000 } = options
  const copies = new LRUCache<string, BoundedCopy<AuthorizationServerMetadata, MetadataRefusal>>({ max: maxIssuers })
  return {
    get(issuer) {
      const copy =
        copies.get(issuer) ??
        new BoundedCopy(() => fetchAuthorizationServerMetadata(issuer, http), clock, { cacheSeconds, coolDownSeconds })
      copies.set(issuer, copy)
      return copy.current()
    },
  }
}

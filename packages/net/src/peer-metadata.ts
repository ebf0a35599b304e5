/**
 * Fetches metadata documents and believes only those that name the party they were asked of.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3 RFC 8414 §3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3 RFC 9728 §3}
 */
import {
  type AuthorizationServerMetadata,
  accept,
  authorizationServerMetadata,
  Fault,
  metadataUrls,
  type OutboundHttp,
  type ProtectedResourceMetadata,
  parseStrictJson,
  protectedResourceMetadata,
  protectedResourceMetadataUrls,
  type ResourceId,
  type Result,
  refuse,
  sameResource,
} from '@carnet/protocol'

/** Longest metadata document read, in bytes. */
export const MAX_METADATA_BYTES = 256 * 1024

export type MetadataRefusal =
  /** No candidate URL has a document. */
  | { readonly reason: 'no-metadata' }
  | { readonly reason: 'metadata-malformed'; readonly url: string }
  /** The document is about another party: it proves nothing about this one. */
  | { readonly reason: 'issuer-mismatch'; readonly url: string; readonly received: string }
  | { readonly reason: 'resource-mismatch'; readonly url: string; readonly received: string }

/**
 * Finds the metadata of an authorization server.
 *
 * @param issuer - the issuer identifier; `issuer` of the document must equal it byte for byte
 * @throws {Fault} where the server is down, answers 5xx (502 excepted) or misbehaves
 */
export function fetchAuthorizationServerMetadata(
  issuer: string,
  http: OutboundHttp,
): Promise<Result<AuthorizationServerMetadata, MetadataRefusal>> {
  if (!URL.canParse(issuer)) return Promise.resolve(refuse({ reason: 'no-metadata' }))
  return firstDocument(metadataUrls(issuer), http, (document, url) => {
    const metadata = authorizationServerMetadata.safeParse(document)
    if (!metadata.success) return refuse({ reason: 'metadata-malformed', url })
    const received: string = metadata.data.issuer
    return received === issuer ? accept(metadata.data) : refuse({ reason: 'issuer-mismatch', url, received })
  })
}

/**
 * Finds the metadata of a protected resource: where the challenge points, else path-inserted, else at the root.
 *
 * @param resource - the URL the client uses; `resource` of the document must name the same, or the origin at the root
 * @param challengeUrl - `resource_metadata` of a `WWW-Authenticate` challenge: attacker-influenced
 * @throws {Fault} as above
 */
export function fetchProtectedResourceMetadata(
  resource: string,
  http: OutboundHttp,
  challengeUrl?: string,
): Promise<Result<ProtectedResourceMetadata, MetadataRefusal>> {
  if (!URL.canParse(resource)) return Promise.resolve(refuse({ reason: 'no-metadata' }))
  const wellKnown = protectedResourceMetadataUrls(resource)
  const root = wellKnown.length > 1 ? wellKnown.at(-1) : undefined
  const urls = challengeUrl === undefined ? wellKnown : [challengeUrl]
  return firstDocument(urls, http, (document, url) => {
    const metadata = protectedResourceMetadata.safeParse(document)
    if (!metadata.success) return refuse({ reason: 'metadata-malformed', url })
    const received = metadata.data.resource as ResourceId
    const isAbout =
      sameResource(received, resource) || (url === root && sameResource(received, new URL(resource).origin))
    return isAbout ? accept(metadata.data) : refuse({ reason: 'resource-mismatch', url, received })
  })
}

type Reading<Metadata> = (document: unknown, url: string) => Result<Metadata, MetadataRefusal>

/** Asks each URL in turn. A document about another party ends the search; what is no document does not. */
async function firstDocument<Metadata>(
  urls: readonly string[],
  http: OutboundHttp,
  read: Reading<Metadata>,
): Promise<Result<Metadata, MetadataRefusal>> {
  let outcome: Result<Metadata, MetadataRefusal> = refuse({ reason: 'no-metadata' })
  for (const url of urls) {
    const { status, body } = await http.send({ url, headers: ACCEPT_JSON, maxBytes: MAX_METADATA_BYTES })
    if (status === 502 || (status >= 400 && status < 500)) continue
    if (status !== 200) throw new Fault('peer-unavailable', `Metadata was answered with status ${status}: ${url}`)
    const document = parseStrictJson(body)
    outcome = document.ok ? read(document.value, url) : refuse({ reason: 'metadata-malformed', url })
    if (outcome.ok || outcome.refusal.reason !== 'metadata-malformed') return outcome
  }
  return outcome
}

const ACCEPT_JSON = { accept: 'application/json' }

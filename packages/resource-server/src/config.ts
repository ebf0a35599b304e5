/** Every option of a guard, and what is wrong with a configuration. */
import type { SigningAlgorithm } from '@carnet/tokens'

export interface GuardConfig {
  /** This MCP server's resource identifier, as registered at its authorization servers: an exact string. */
  readonly resource: string
  /** Whose access tokens are accepted. Clients use the first; tokens of any other issuer are refused. */
  readonly authorizationServers: readonly AuthorizationServerConfig[]
  /** Tool name to the scopes it needs, all of them. A tool that is not here cannot be called. */
  readonly tools: Readonly<Record<string, readonly string[]>>
  /** What a client should ask for at first; nothing unless told, so that it asks for what it is refused for. */
  readonly scopes?: readonly string[]
  /** Scope hierarchy: a broader scope to the narrower ones it includes. */
  readonly impliedScopes?: Readonly<Record<string, readonly string[]>>
  /** For people, in the protected resource metadata. */
  readonly name?: string
  /** Refuse clients that do not declare Enterprise-Managed Authorization. */
  readonly requireExtension?: boolean
  /** Host names under which requests arrive, without port; the resource identifier's own unless told. */
  readonly allowedHosts?: readonly string[]
  /** Origins whose pages may call; the resource identifier's own unless told. */
  readonly allowedOrigins?: readonly string[]
  /** Tolerated clock difference to the authorization servers, in seconds: 0 to 120, 60 unless told. */
  readonly skewSeconds?: number
  /** How many verified tokens are remembered; 10 000 unless told. */
  readonly maxTokens?: number
  /** How many events may wait to be sent; 10 000 unless told. */
  readonly maxQueuedEvents?: number
  /** Development only: authorization servers on this machine over plain http. */
  readonly allowInsecureLoopback?: boolean
}

export interface AuthorizationServerConfig {
  /** Its issuer identifier: compared, never normalised. */
  readonly issuer: string
  /** Where its keys are; found through its metadata unless given. */
  readonly jwksUri?: string
  /** The signature algorithms it may use; all that Carnet knows unless told. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** Follow its revocation feed: a cut-off is heard within a second. Without it a token lives until it expires. */
  readonly feed?: FeedOptions
  /** Ask it about tokens that are no JWTs. At most one server may have this. */
  readonly introspection?: IntrospectionOptions
  /** Send it the events of calls made with its tokens. */
  readonly events?: EndpointOptions
}

/** How this resource server authenticates at an endpoint of the authorization server. */
export interface EndpointOptions {
  readonly id: string
  readonly secret: string
  /** Derived from the issuer identifier unless given. */
  readonly url?: string
}

export interface FeedOptions extends EndpointOptions {
  /** Silence after which nobody is admitted, in seconds: 2 to 300, 30 unless told. */
  readonly staleAfterSeconds?: number
}

export interface IntrospectionOptions extends EndpointOptions {
  /** How long a positive answer is believed, in seconds: 0 to 60, 30 unless told. */
  readonly cacheSeconds?: number
}

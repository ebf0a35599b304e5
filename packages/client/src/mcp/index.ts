/**
 * Plugs the client into the transports of the MCP TypeScript SDK v2.
 *
 * @example new StreamableHTTPClientTransport(url, enterpriseManaged(client, url))
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization MCP authorization}
 */
import { Hidden, type Scope } from '@carnet/protocol'
import type { AuthProvider, FetchLike } from '@modelcontextprotocol/client'
import type { CarnetClient, ConnectOptions } from '../client.ts'
import { parseChallenge } from '../discovery/challenge.ts'
import { unionOf } from '../exchange/scopes.ts'
import type { Access } from '../outcome.ts'
import { declaredIn } from './declare.ts'
import { mayCarryToken } from './where-tokens-go.ts'

export { declaredIn, withEnterpriseManaged } from './declare.ts'
export { mayCarryToken } from './where-tokens-go.ts'

export interface EnterpriseManagedOptions {
  /** Lets the first request that needs it open the system browser. */
  readonly mayOpenBrowser?: true
  /** How often a wider token is asked for without success in between: 1 to 3. */
  readonly maxStepUps?: 1 | 2 | 3
  /** What actually sends; the platform's `fetch` unless given. */
  readonly fetch?: FetchLike
}

/** What the SDK's HTTP transports take. */
export interface TransportAuthorization {
  readonly authProvider: AuthProvider
  readonly fetch: FetchLike
}

/**
 * Authorizes one MCP server's transport. What cannot be had is thrown as `CarnetClientError` from the call that
 * needed it.
 */
export function enterpriseManaged(
  client: CarnetClient,
  serverUrl: string | URL,
  options: EnterpriseManagedOptions = {},
): TransportAuthorization {
  const connection = new Connection(client, String(serverUrl), options)
  return {
    authProvider: {
      token: () => connection.token(),
      onUnauthorized: ({ response }) => connection.replaceInvalid(response.headers.get('www-authenticate')),
    },
    fetch: (url, init) => connection.send(url, init),
  }
}

class Connection {
  readonly #client: CarnetClient
  readonly #serverUrl: string
  readonly #send: FetchLike
  readonly #maxStepUps: number
  readonly #common: Pick<ConnectOptions, 'mayOpenBrowser'>
  /** The token last handed out, with everything it was asked for. */
  #last: { readonly token: Hidden; readonly asked: readonly Scope[] } | undefined
  /** Wider tokens asked for since the server last answered well. */
  #stepUps = 0

  constructor(client: CarnetClient, serverUrl: string, options: EnterpriseManagedOptions) {
    this.#client = client
    this.#serverUrl = serverUrl
    this.#send = options.fetch ?? fetch
    this.#maxStepUps = options.maxStepUps ?? 3
    this.#common = options.mayOpenBrowser === true ? { mayOpenBrowser: true } : {}
  }

  /** Before the server has asked, only a token that is already there; after that, one that is kept fresh. */
  async token(): Promise<string | undefined> {
    const access =
      this.#last === undefined
        ? await this.#client.heldAccess(this.#serverUrl)
        : await this.#client.accessToken(this.#serverUrl, { ...this.#asked(), ...this.#common })
    return access && this.#remember(access).reveal()
  }

  /** After 401: drops the token and makes one new exchange. The transport then retries once and no more. */
  async replaceInvalid(challenge: string | null): Promise<void> {
    const turnedAway = this.#last && { token: this.#last.token, because: 'invalid' as const }
    this.#remember(
      await this.#client.accessToken(this.#serverUrl, {
        challenge,
        ...this.#common,
        ...(turnedAway && { turnedAway, ...this.#asked() }),
      }),
    )
  }

  async send(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const own = mayCarryToken(this.#serverUrl, String(url))
    const request = own ? declaring(init) : withoutToken(init)
    let response = await this.#send(url, request)
    while (own && this.#stepUps < this.#maxStepUps) {
      const missing = this.#missing(response, request)
      if (missing === undefined) break
      this.#stepUps += 1
      await response.body?.cancel()
      const access = await this.#client.accessToken(this.#serverUrl, { ...missing, ...this.#common })
      response = await this.#send(url, withToken(request, this.#remember(access)))
    }
    if (own && response.ok) this.#stepUps = 0
    return response
  }

  /** After 403: the union of what is held and what is missing, unless all of it was asked for already. */
  #missing(response: Response, request: RequestInit): Pick<ConnectOptions, 'scopes' | 'turnedAway'> | undefined {
    if (response.status !== 403) return undefined
    const challenge = parseChallenge(response.headers.get('www-authenticate'))
    const token = bearerOf(request) ?? this.#last?.token
    if (challenge?.error !== 'insufficient_scope' || challenge.scopes === undefined || token === undefined)
      return undefined
    const asked = this.#last?.asked ?? []
    if (challenge.scopes.every((scope) => asked.includes(scope))) return undefined
    return { scopes: unionOf(asked, challenge.scopes), turnedAway: { token, because: 'insufficient' } }
  }

  #remember({ accessToken, scopes, droppedScopes }: Access): Hidden {
    const dropped = droppedScopes.map(({ scope }) => scope as Scope)
    this.#last = { token: accessToken, asked: unionOf(this.#last?.asked, scopes, dropped) }
    return accessToken
  }

  #asked(): Pick<ConnectOptions, 'scopes'> {
    return this.#last === undefined || this.#last.asked.length === 0 ? {} : { scopes: this.#last.asked }
  }
}

function declaring(init: RequestInit): RequestInit {
  return typeof init.body === 'string' ? { ...init, body: declaredIn(init.body) } : init
}

function withToken(init: RequestInit, token: Hidden): RequestInit {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token.reveal()}`)
  return { ...init, headers }
}

function withoutToken(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers)
  headers.delete('authorization')
  return { ...init, headers }
}

function bearerOf(init: RequestInit): Hidden | undefined {
  const token = /^Bearer (.+)$/.exec(new Headers(init.headers).get('authorization') ?? '')?.[1]
  return token === undefined ? undefined : new Hidden(token)
}

/**
 * The only way out to the network.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-7.7 RFC 9728 §7.7}
 */
import { Fault, type OutboundHttp, type OutboundRequest, type OutboundResponse, quoted } from '@carnet/protocol'
import { Agent, type Dispatcher } from 'undici'
import { faultOfExchange } from './exchange-faults.ts'
import { pinningLookup, type Resolver, systemResolver } from './resolver.ts'
import { checkTarget } from './target.ts'

export interface OutboundHttpOptions {
  /** Development only: plain http and loopback addresses, for hosts that are loopback by name or number. */
  readonly allowInsecureLoopback?: boolean
  /** Egress allow-list: exact hosts, with `:port` unless it is the usual one. Every public host where absent. */
  readonly onlyHosts?: readonly string[]
  readonly limits?: Partial<OutboundLimits>
  /** The machine's own unless given. */
  readonly resolve?: Resolver
}

export interface OutboundLimits {
  /** Until the connection stands, TLS included, in seconds. */
  readonly connectSeconds: number
  /** Until the last byte of the answer, in seconds. */
  readonly totalSeconds: number
}

const DEFAULT_LIMITS: OutboundLimits = { connectSeconds: 3, totalSeconds: 5 }

export interface ClosableOutboundHttp extends OutboundHttp {
  /** Closes idle connections and waits for requests under way. */
  close(): Promise<void>
}

export function createOutboundHttp(options: OutboundHttpOptions = {}): ClosableOutboundHttp {
  const { allowInsecureLoopback = false, onlyHosts, resolve = systemResolver } = options
  const policy = { allowInsecureLoopback, onlyHosts }
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const agent = new Agent({
    connect: { timeout: limits.connectSeconds * 1000, lookup: pinningLookup(resolve, policy) },
  })

  return {
    async send(request) {
      const target = checkTarget(request.url, policy)
      if (!target.ok) {
        throw new Fault('peer-misbehaved', `A URL was not fetched (${target.refusal.reason}): ${nameOf(request.url)}`)
      }
      try {
        return await exchange(agent, target.value, request, limits)
      } catch (error) {
        throw faultOfExchange(error, nameOf(request.url))
      }
    },
    close: () => agent.close(),
  }
}

async function exchange(
  agent: Agent,
  { origin, pathname, search }: URL,
  { method = 'GET', headers = {}, body: sent, maxBytes, expects }: OutboundRequest,
  { totalSeconds }: OutboundLimits,
): Promise<OutboundResponse> {
  const {
    statusCode,
    headers: received,
    body,
  } = await agent.request({
    origin,
    path: pathname + search,
    method,
    headers,
    body: sent ?? null,
    signal: AbortSignal.timeout(totalSeconds * 1000),
  })
  try {
    const answer = new Headers(headerPairs(received))
    checkAnswer(statusCode, answer, expects)
    return { status: statusCode, headers: answer, body: await readBody(body, maxBytes) }
  } catch (error) {
    // Destroying an unread body emits an error that nobody is left to hear.
    body.on('error', () => {}).destroy()
    throw error
  }
}

function checkAnswer(status: number, headers: Headers, expects: 'json' | undefined): void {
  if (status >= 300 && status < 400) throw misbehaviour('answered with a redirect, which is not followed')
  // Nothing was offered, so this would be a way around the size limit.
  if (headers.has('content-encoding')) throw misbehaviour('sent an encoded body')
  if (expects === 'json' && status < 300 && !isJson(headers)) throw misbehaviour('sent something other than JSON')
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw misbehaviour(`sent more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length).toString('utf8')
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:$|[\s;])/i

function isJson(headers: Headers): boolean {
  return JSON_TYPE.test(headers.get('content-type') ?? '')
}

function misbehaviour(what: string): Fault {
  return new Fault('peer-misbehaved', `The peer ${what}`)
}

function headerPairs(headers: Dispatcher.ResponseData['headers']): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  )
}

/** A URL as it may be logged: without the query, which can hold secrets. */
function nameOf(url: string): string {
  return quoted(url.replace(/[?#].*$/s, ''))
}

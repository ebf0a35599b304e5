/**
 * The guard of one MCP server: admits callers with an access token for it, and only to the tools their scopes open.
 *
 * For a token already seen, `check` is synchronous: a hash, three map lookups, no I/O.
 */
import { createRemoteKeySource } from '@carnet/net'
import { accept, Fault, type IssuerId, type Result, type Unsubscribe } from '@carnet/protocol'
import {
  createRevocationIndex,
  type FeedFollower,
  followFeed,
  type RevocationIndex,
  sendEvents,
} from '@carnet/revocation'
import { type Answer, type AnswerContext, answerTo, answerToFault } from './answers/answer.ts'
import { answerMetadata, metadataUrl } from './answers/metadata.ts'
import type { Caller } from './caller.ts'
import type { GuardConfig } from './config.ts'
import { createGuardEvents } from './events/guard-events.ts'
import { checkMessages } from './messages.ts'
import { defaultPorts, type GuardPorts } from './ports.ts'
import type { EntryRefusal, GuardRefusal, StandingRefusal, ToolRefusal } from './refusals.ts'
import type { RequestFacts } from './request-facts.ts'
import { type ResolvedServer, resolveConfig } from './resolve-config.ts'
import { checkAddress } from './rules/address.ts'
import { bearerToken } from './rules/credentials.ts'
import { checkTool } from './rules/scope-rules.ts'
import { limitResponse } from './streams/limit-response.ts'
import { createOpenStreams } from './streams/open-streams.ts'
import { checkStanding } from './verify/standing.ts'
import { createTokenVerifier } from './verify/token-verifier.ts'

export type Admission = Result<Caller, EntryRefusal>
/** A caller, or the answer to send. */
export type Entry = Result<Caller, Answer>

export interface GuardStatus {
  readonly feeds: readonly { readonly issuer: IssuerId; readonly fresh: boolean }[]
  readonly openStreams: number
  /** `lost` counts events that were dropped since the start: each is a gap in the trail. */
  readonly events: { readonly queued: number; readonly lost: number }
}

export interface Guard {
  /**
   * Decides whether a request may enter, before its body is read.
   *
   * @throws {Fault} `feed-stale`, `keys-unavailable`, `peer-unavailable`, `peer-misbehaved`: nobody enters
   */
  check(request: RequestFacts): Admission | Promise<Admission>
  /** `check`, with refusals recorded and put into an answer, faults too. */
  enter(request: RequestFacts): Promise<Entry>
  /**
   * Decides for each JSON-RPC message of an admitted request, and records it.
   *
   * @param body - the parsed body: attacker-controlled
   */
  checkBody(caller: Caller, request: RequestFacts, body: unknown): Promise<Result<undefined, Answer>>
  /** Decides one tool call, and records it. */
  authorizeTool(caller: Caller, tool: string): Promise<Result<undefined, ToolRefusal>>
  /** Whether a tool is open to the caller; for lists, so it records nothing. */
  permits(caller: Caller, tool: string): boolean
  answerTo(refusal: GuardRefusal): Answer
  /** The protected resource metadata, if that is what is asked for. */
  answerMetadata(request: Pick<RequestFacts, 'method' | 'url'>): Answer | undefined
  /**
   * Calls back once, when the caller's access has ended.
   *
   * @param isOpen - whether there is anything to end yet; always unless given
   */
  watch(caller: Caller, onEnd: () => void, isOpen?: () => boolean): Unsubscribe
  /** The same response, whose stream ends with the caller's access. */
  limit(response: Response, caller: Caller): Response
  /** Resolves when every feed has been heard; until then requests are answered 503. */
  readonly ready: Promise<void>
  status(): GuardStatus
  /** Stops following, and sends what is queued. */
  close(): Promise<void>
}

interface Issuer {
  readonly revoked: RevocationIndex
  readonly feed: FeedFollower | undefined
}

/** @throws {Fault} `configuration-invalid`, naming every problem */
export function createGuard(config: GuardConfig, given: Partial<GuardPorts> = {}): Guard {
  const settled = resolveConfig(config)
  const { resource, servers, rules, skewSeconds } = settled
  const ports: GuardPorts = { ...defaultPorts(settled), ...given }
  const { clock, timer } = ports

  const keysOf = ({ issuer, jwksUri }: ResolvedServer) =>
    ports.keys.get(issuer) ?? createRemoteKeySource({ issuer, jwksUri, http: ports.http, clock })
  const verifier = createTokenVerifier({
    ...ports,
    resource,
    skewSeconds,
    issuers: new Map(servers.map((server) => [server.issuer, { ...server, keys: keysOf(server) }])),
    introspection: servers.find(({ introspection }) => introspection !== undefined)?.introspection,
    maxTokens: settled.maxTokens,
  })
  const issuers: ReadonlyMap<IssuerId, Issuer> = new Map(
    servers.map(({ issuer, feed }) => {
      const index = createRevocationIndex()
      return [issuer, { revoked: index, feed: feed && followFeed(feed, { ...ports, index }) }]
    }),
  )
  const events = createGuardEvents({
    ...ports,
    resource,
    sink: ports.events,
    remotes: new Map(
      servers.flatMap(({ issuer, events }) =>
        events === undefined ? [] : [[issuer, (batch) => sendEvents(events, batch, ports.http)] as const],
      ),
    ),
    maxQueued: settled.maxQueuedEvents,
  })

  const streams = createOpenStreams((caller) => admit(caller).ok && isFresh(caller), timer)
  for (const { revoked } of issuers.values()) revoked.onApply(() => streams.recheck())

  function watch(caller: Caller, onEnd: () => void, isOpen?: () => boolean): Unsubscribe {
    const end = () => {
      const standing = admit(caller)
      if (!standing.ok) events.streamEnded(caller, standing.refusal)
      onEnd()
    }
    return streams.watch(caller, end, isOpen)
  }

  function check(request: RequestFacts): Admission | Promise<Admission> {
    const address = checkAddress(request, settled.address)
    if (!address.ok) return address
    const token = bearerToken(request)
    if (!token.ok) return token
    const now = clock.now()
    const known = verifier.known(token.value, now)
    if (known !== undefined) return admitFresh(known)
    return verifier.verify(token.value, now).then((caller) => (caller.ok ? admitFresh(caller.value) : caller))
  }

  function admitFresh(caller: Caller): Admission {
    const admission = admit(caller)
    if (admission.ok && !isFresh(caller)) {
      throw new Fault('feed-stale', `Nothing has been heard from the revocation feed of ${caller.issuer} for too long`)
    }
    return admission
  }

  function admit(caller: Caller): Result<Caller, StandingRefusal> {
    const standing = checkStanding(caller, { now: clock.now(), skewSeconds, revoked: issuerOf(caller).revoked })
    return standing.ok ? accept(caller) : standing
  }

  function isFresh(caller: Caller): boolean {
    return issuerOf(caller).feed?.isFresh(clock.now()) ?? true
  }

  function issuerOf({ issuer }: Caller): Issuer {
    const found = issuers.get(issuer)
    if (found === undefined) throw new Fault('internal', 'A caller of an unknown issuer was let through')
    return found
  }

  const context: AnswerContext = { resourceMetadata: metadataUrl(resource), scopes: settled.scopes }
  const metadata = {
    resource,
    authorizationServers: servers.map(({ issuer }) => issuer),
    scopes: settled.scopes,
    name: settled.name,
  }

  async function recordRefusal(refusal: EntryRefusal): Promise<void> {
    if ('caller' in refusal) await events.refused(refusal.caller, refusal)
    // Asking for the challenge is how every client begins.
    else if (refusal.reason !== 'no-credentials') events.refusedStranger(refusal.reason)
  }

  async function enter(request: RequestFacts): Promise<Entry> {
    try {
      const admission = await check(request)
      if (admission.ok) return admission
      await recordRefusal(admission.refusal)
      return { ok: false, refusal: answerTo(admission.refusal, context) }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      ports.log.error('a request was answered 503', { fault: error.code, problem: error.message })
      return { ok: false, refusal: answerToFault(error) }
    }
  }

  async function checkBody(caller: Caller, request: RequestFacts, body: unknown): Promise<Result<undefined, Answer>> {
    const protocolVersion = request.headers.get('mcp-protocol-version')
    const verdict = checkMessages(caller, body, { rules, requireExtension: settled.requireExtension, protocolVersion })
    if (!verdict.ok) {
      await events.refused(caller, verdict.refusal)
      return { ok: false, refusal: answerTo(verdict.refusal, { ...context, id: verdict.refusal.id }) }
    }
    for (const { tool, needed } of verdict.value) events.allowed(caller, tool, needed)
    return accept()
  }

  async function authorizeTool(caller: Caller, tool: string): Promise<Result<undefined, ToolRefusal>> {
    const needed = checkTool(tool, caller.scopes, rules)
    if (!needed.ok) {
      await events.refused(caller, needed.refusal)
      return needed
    }
    events.allowed(caller, tool, needed.value)
    return accept()
  }

  const feeds = [...issuers].flatMap(([issuer, { feed }]) => (feed === undefined ? [] : [{ issuer, feed }]))
  return {
    check,
    enter,
    checkBody,
    authorizeTool,
    permits: (caller, tool) => checkTool(tool, caller.scopes, rules).ok,
    answerTo: (refusal) => answerTo(refusal, context),
    answerMetadata: (request) => answerMetadata(request, metadata),
    watch,
    limit: (response, caller) => limitResponse(response, (onEnd) => watch(caller, onEnd)),
    ready: Promise.all(feeds.map(({ feed }) => feed.ready)).then(() => undefined),
    status: () => ({
      feeds: feeds.map(({ issuer, feed }) => ({ issuer, fresh: feed.isFresh(clock.now()) })),
      openStreams: streams.size,
      events: { queued: events.queued, lost: events.lost },
    }),
    async close() {
      for (const { feed } of feeds) feed.stop()
      await events.close()
    },
  }
}

/** What a caller is told, for each reason to say no. */
import {
  assertNever,
  EMA_EXTENSION,
  type Fault,
  MISSING_CAPABILITY_ERROR,
  type PublicReason,
  type Scope,
  sentenceOf,
  type Txn,
} from '@carnet/protocol'
import type { GuardRefusal } from '../refusals.ts'
import { bearerChallenge, type Challenge } from './challenge.ts'

/** An HTTP answer as data, for any server to send. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface AnswerContext {
  /** Where the protected resource metadata is. */
  readonly resourceMetadata: string
  /** What a client should ask for at first. */
  readonly scopes: readonly Scope[]
  /** The JSON-RPC id to answer, where one message was refused. */
  readonly id?: string | number | null
}

type JsonRpcId = string | number | null

export function answerTo(refusal: GuardRefusal, context: AnswerContext): Answer {
  switch (refusal.reason) {
    case 'bad-host':
      return jsonRpcError(403, -32000, 'The Host header does not name this server.')
    case 'bad-origin':
      return jsonRpcError(403, -32000, 'Pages of this origin may not call this server.')
    case 'no-credentials':
      return { ...challenged(401, context, {}), body: '' }
    case 'malformed-credentials':
      return oauthError(400, context, 'invalid_request', 'The Authorization header is malformed.')
    case 'two-methods':
      return oauthError(400, context, 'invalid_request', 'The access token belongs in the Authorization header only.')
    case 'expired':
      return invalidToken(context, 'token.expired', refusal.caller.txn)
    case 'revoked':
      return invalidToken(context, 'token.revoked', refusal.caller.txn)
    case 'wrong-audience':
      return invalidToken(context, 'token.wrong-audience')
    case 'malformed':
    case 'wrong-type':
    case 'unknown-issuer':
    case 'unacceptable-algorithm':
    case 'unknown-critical-header':
    case 'unknown-key':
    case 'bad-signature':
    case 'invalid-claims':
    case 'inactive':
    case 'key-bound':
    case 'not-yet-valid':
      return oauthError(401, context, 'invalid_token', sentenceOf('token.invalid'))
    case 'insufficient-scope':
      return oauthError(403, { ...context, scopes: refusal.needed }, 'insufficient_scope', 'The tool needs more scope.')
    case 'unknown-tool':
      // As the protocol answers for a tool that does not exist: whether it does is not this caller's business.
      return jsonRpcError(200, -32602, 'Unknown tool', context.id)
    case 'extension-undeclared':
      return jsonRpcError(400, MISSING_CAPABILITY_ERROR, 'This server requires an extension.', context.id, {
        requiredCapabilities: { extensions: { [EMA_EXTENSION]: {} } },
      })
    default:
      return assertNever(refusal)
  }
}

/** Something of ours is down: nobody is let in, and nobody is blamed. */
export function answerToFault({ retryAfterSeconds = 5 }: Fault): Answer {
  return {
    status: 503,
    headers: { ...JSON_BODY, 'retry-after': String(Math.ceil(retryAfterSeconds)) },
    body: JSON.stringify({ error: 'temporarily_unavailable' }),
  }
}

const JSON_BODY = { 'cache-control': 'no-store', 'content-type': 'application/json' }

function invalidToken(context: AnswerContext, reason: PublicReason, txn?: Txn): Answer {
  return oauthError(401, context, 'invalid_token', sentenceOf(reason), { carnet_reason: reason, ...(txn && { txn }) })
}

function oauthError(
  status: number,
  context: AnswerContext,
  error: NonNullable<Challenge['error']>,
  description: string,
  members: Readonly<Record<string, string>> = {},
): Answer {
  const body = JSON.stringify({ error, error_description: description, ...members })
  return { ...challenged(status, context, { error, description }), body }
}

function challenged(
  status: number,
  { resourceMetadata, scopes }: AnswerContext,
  error: Pick<Challenge, 'error' | 'description'>,
): Omit<Answer, 'body'> {
  const challenge = bearerChallenge({ ...error, scopes, resourceMetadata })
  return { status, headers: { ...JSON_BODY, 'www-authenticate': challenge } }
}

function jsonRpcError(status: number, code: number, message: string, id: JsonRpcId = null, data?: object): Answer {
  const body = JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data && { data }) } })
  return { status, headers: JSON_BODY, body }
}

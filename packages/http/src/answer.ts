/**
 * What an endpoint answers: plain data, so that the same steps serve a web-standard handler and a Node server.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 RFC 6749 §5}
 */
import type { ServerResponse } from 'node:http'
import { type OAuthError, oauthErrorBody, type Txn } from '@carnet/protocol'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers hold tokens or say who is refused what: no cache may keep one. */
const NO_STORE_JSON = Object.freeze({ 'content-type': 'application/json', 'cache-control': 'no-store' })

/** A JSON answer that no cache keeps. */
export function jsonAnswer(status: number, body: object, more?: Readonly<Record<string, string>>): Answer {
  return {
    status,
    headers: more === undefined ? NO_STORE_JSON : { ...NO_STORE_JSON, ...more },
    body: JSON.stringify(body),
  }
}

/** An OAuth error as an answer, with the challenge and waiting time that go with it. */
export function oauthErrorAnswer(error: OAuthError, txn?: Txn): Answer {
  return jsonAnswer(error.status, oauthErrorBody(error, txn), {
    ...(error.challengeBasic === true && { 'www-authenticate': 'Basic realm="token", charset="UTF-8"' }),
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.status === 405 && { allow: 'POST' }),
    // The rest of the body is not read, so the connection cannot be used again.
    ...(error.status === 413 && { connection: 'close' }),
  })
}

/** The answer as a web-standard response. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}

/** Writes the answer to a Node server's response. */
export function writeAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** A JSON response that no cache keeps. */
export function jsonResponse(status: number, body: object, more?: Readonly<Record<string, string>>): Response {
  return toResponse(jsonAnswer(status, body, more))
}

/** An OAuth error as a web-standard response. */
export function oauthErrorResponse(error: OAuthError, txn?: Txn): Response {
  return toResponse(oauthErrorAnswer(error, txn))
}

/**
 * Takes the form out of a request: POST and form bodies only, bounded while it streams in.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-3.2 OAuth 2.1 §3.2}
 */
import type { IncomingMessage } from 'node:http'
import { type Result, refuse } from '@carnet/protocol'
import { type Form, type FormRefusal, parseForm } from './form.ts'

/** Largest accepted body, in bytes. */
export const MAX_FORM_BYTES = 64 * 1024

export type RequestRefusal =
  | FormRefusal
  | { readonly reason: 'method-not-allowed' }
  | { readonly reason: 'wrong-media-type' }
  | { readonly reason: 'body-too-large' }
  | { readonly reason: 'body-incomplete' }

export interface FormRules {
  /** Parameters that may be sent more than once. */
  readonly repeatable: ReadonlySet<string>
  /** Largest accepted body, in bytes. */
  readonly maxBytes: number
}

const NOTHING_REPEATABLE: ReadonlySet<string> = new Set()

export const STRICT_FORM: FormRules = { repeatable: NOTHING_REPEATABLE, maxBytes: MAX_FORM_BYTES }

/** Reads the form of a web-standard request. */
export async function readForm(request: Request, rules: FormRules): Promise<Result<Form, RequestRefusal>> {
  const header = (name: string) => request.headers.get(name) ?? undefined
  const refusal = checkHead({ method: request.method, header }, rules)
  if (refusal !== undefined) return refusal
  if (request.body === null) return parseForm('', rules.repeatable)
  return formOf(chunksOf(request.body), rules)
}

/** Reads the form of a request to a Node server. */
export async function readNodeForm(request: IncomingMessage, rules: FormRules): Promise<Result<Form, RequestRefusal>> {
  const header = (name: string) => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const refusal = checkHead({ method: request.method ?? '', header }, rules)
  if (refusal !== undefined) return refusal
  return formOf(request.iterator({ destroyOnReturn: false }), rules)
}

interface RequestHead {
  readonly method: string
  header(name: string): string | undefined
}

const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i

/** What can be refused before the first byte of the body. */
function checkHead(
  { method, header }: RequestHead,
  { maxBytes }: FormRules,
): Result<never, RequestRefusal> | undefined {
  if (method !== 'POST') return refuse({ reason: 'method-not-allowed' })
  if (!FORM_MEDIA_TYPE.test(header('content-type') ?? '')) return refuse({ reason: 'wrong-media-type' })
  if ((header('content-encoding') ?? 'identity') !== 'identity') return refuse({ reason: 'wrong-media-type' })
  if (Number(header('content-length') ?? 0) > maxBytes) return refuse({ reason: 'body-too-large' })
  return undefined
}

async function formOf(chunks: AsyncIterable<Uint8Array>, rules: FormRules): Promise<Result<Form, RequestRefusal>> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of chunks) {
      size += chunk.byteLength
      if (size > rules.maxBytes) return refuse({ reason: 'body-too-large' })
      parts.push(chunk)
    }
  } catch {
    // Only the peer's side of the stream can fail here: it hung up.
    return refuse({ reason: 'body-incomplete' })
  }
  const text = utf8Text(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts))
  return text === undefined ? refuse({ reason: 'malformed-form' }) : parseForm(text, rules.repeatable)
}

/** The chunks of a web stream, cancelled when the reader stops early. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

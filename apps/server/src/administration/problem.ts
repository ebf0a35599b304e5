/**
 * What the administration API answers when it does not do what was asked.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}
 */

export interface Problem {
  readonly status: 400 | 401 | 404 | 405 | 413 | 429 | 500 | 503
  readonly title: string
  /** Every single thing that is wrong, with its place. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  readonly headers?: Readonly<Record<string, string>>
}

export function problemResponse({ status, title, errors, headers }: Problem): Response {
  const body = { type: 'about:blank', status, title, ...(errors !== undefined && { errors }) }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  })
}

/**
 * Reads an `application/x-www-form-urlencoded` body so that no two parsers could disagree about it.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-3.2 OAuth 2.1 §3.2}
 */
import { accept, type Result, refuse } from '@carnet/protocol'

export const MAX_FORM_PARAMETERS = 100

const NUL = /%00|\0/

export type FormRefusal =
  | { readonly reason: 'malformed-form' }
  | { readonly reason: 'too-many-parameters' }
  | { readonly reason: 'repeated-parameter'; readonly name: string }

/** The parameters of one request. Their values do not print: they hold tokens and secrets. */
export class Form {
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /** The value of a parameter; `undefined` where it is absent or empty, which means the same. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0]
  }

  /** Every value of a parameter that may be sent more than once. */
  getAll(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** Every parameter that is present, each with one value or, where it may be repeated, several. */
  entries(): Iterable<readonly [name: string, values: readonly string[]]> {
    return this.#values
  }
}

/**
 * Parses a form body: an empty parameter is absent, a repeated one refused.
 *
 * @param body - attacker-controlled; bound its size before calling
 * @param repeatable - the parameters a specification lets a client send more than once
 */
export function parseForm(body: string, repeatable: ReadonlySet<string>): Result<Form, FormRefusal> {
  // No parameter may hold it (RFC 6749 appendix A), and the database has no place for it.
  if (NUL.test(body)) return refuse({ reason: 'malformed-form' })
  const values = new Map<string, string[]>()
  const seen = new Set<string>()
  let count = 0
  for (const pair of body.split('&', MAX_FORM_PARAMETERS + 1)) {
    if (pair === '') continue
    if (++count > MAX_FORM_PARAMETERS) return refuse({ reason: 'too-many-parameters' })
    const equals = pair.indexOf('=')
    const name = formDecoded(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : formDecoded(pair.slice(equals + 1))
    if (name === undefined || value === undefined) return refuse({ reason: 'malformed-form' })
    // An empty value counts here: a reader that keeps the first of two must not see another request than we do.
    if (seen.has(name) && !repeatable.has(name)) return refuse({ reason: 'repeated-parameter', name })
    seen.add(name)
    if (value === '') continue
    const earlier = values.get(name)
    if (earlier === undefined) values.set(name, [value])
    else earlier.push(value)
  }
  return accept(new Form(values))
}

/** Undoes form encoding; `undefined` for a broken escape or bytes that are not UTF-8. */
export function formDecoded(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/**
 * JSON whose meaning no two parsers dispute: duplicate member names and excessive nesting are refused.
 *
 * `JSON.parse` keeps the last of two equal names and others keep the first, so a duplicate would let a checker
 * and a user of the same document read different claims.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4 RFC 7519 §4}
 */
import { accept, type Result, refuse } from './result.ts'

export const MAX_JSON_DEPTH = 20

export type JsonRefusal = { readonly reason: 'json-malformed' | 'json-duplicate-name' | 'json-too-deep' }

/** @param text - attacker-controlled; bound its size before calling */
export function parseStrictJson(text: string): Result<unknown, JsonRefusal> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return refuse({ reason: 'json-malformed' })
    throw error
  }
  return checkStructure(text) ?? accept(value)
}

/** Walks text that is known to be valid JSON; only strings, braces and brackets matter. */
function checkStructure(text: string): Result<never, JsonRefusal> | undefined {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      open.push(char === OPEN_BRACE ? new Set() : undefined)
      if (open.length > MAX_JSON_DEPTH) return refuse({ reason: 'json-too-deep' })
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      open.pop()
    } else if (char === QUOTE) {
      const end = stringEnd(text, at)
      const names = open.at(-1)
      if (names !== undefined && isName(text, end + 1)) {
        const name: string = JSON.parse(text.slice(at, end + 1))
        if (names.has(name)) return refuse({ reason: 'json-duplicate-name' })
        names.add(name)
      }
      at = end
    }
  }
  return undefined
}

const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])
const COLON = 0x3a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Whether the string that ended just before `at` is a member name: a colon comes next. */
function isName(text: string, at: number): boolean {
  while (WHITE_SPACE.has(text.charCodeAt(at))) at++
  return text.charCodeAt(at) === COLON
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}

/**
 * Text as the audit log keeps it: one line, no terminal codes, bounded, and no token.
 *
 * Whoever reports an event already leaves tokens out; this is the second lock on that door.
 */

/** Longest text kept of one value, in characters. */
export const MAX_TEXT = 512

/**
 * C0 and C1 controls, line and paragraph separators, zero-width and direction characters, and halves of
 * surrogate pairs: what breaks a line, hides text or reorders it on a screen.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu
const NEEDS_WORK = /[^\x20-\x7e]|eyJ|eyAi|ewo/

/** The first two parts of a compact JWS or JWE: base64url of `{"`, `{ "` or `{` with a line break, a dot, more. */
const TOKEN = /(?:eyJ|eyAi|ewo)[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){0,3}/g

/** @param text - possibly attacker-controlled */
export function printable(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  if (!NEEDS_WORK.test(short)) return short
  // A token cut in two is still recognised by its first parts.
  return short.replace(TOKEN, '[token removed]').replace(UNPRINTABLE, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `\\u{${code.toString(16)}}`
}

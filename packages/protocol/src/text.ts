/** Outside text that ends up in a log line, an error or a header. */

/** What JSON leaves as it is and a terminal or a log viewer does not: controls, line ends, changes of direction. */
const MISLEADING = /[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
const UNPRINTABLE = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g

/**
 * Outside text, JSON-quoted and cut, fit for a log line or an audit event.
 *
 * @param maxLength - longest excerpt kept, in characters
 */
export function quoted(value: unknown, maxLength = 200): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return JSON.stringify(text.length > maxLength ? `${text.slice(0, maxLength)}…` : text).replace(MISLEADING, escaped)
}

/** Reduces text to the characters OAuth allows in `error_description` and challenge values (RFC 6749 §5.2). */
export function wireText(value: string): string {
  return value.replace(UNPRINTABLE, '?')
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Resource identifiers: compared with a folded host and one optional trailing slash, always emitted in the
 * registered spelling.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707 §2}
 */
import type { ResourceId } from './ids.ts'

const MAX_RESOURCE_LENGTH = 2048
/** Nothing that URL parsers drop or turn: spaces, control characters, backslashes. */
const ABSOLUTE_HTTP_URI = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i

/**
 * What two spellings of the same resource have in common, or `undefined` where `value` cannot be one:
 * not an absolute http(s) URI, or with a fragment or user information.
 *
 * @param value - attacker-controlled
 */
export function resourceKey(value: string): string | undefined {
  if (value.length > MAX_RESOURCE_LENGTH || value.includes('#')) return undefined
  if (!ABSOLUTE_HTTP_URI.test(value) || !URL.canParse(value)) return undefined
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return undefined
  const path = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname
  return `${url.protocol}//${url.host}${path}${url.search}`
}

/** Whether `value` names the registered resource. */
export function sameResource(registered: ResourceId, value: string): boolean {
  const key = resourceKey(value)
  return key !== undefined && key === resourceKey(registered)
}

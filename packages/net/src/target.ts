/**
 * Decides whether a URL that came from outside may be fetched.
 *
 * An address is judged twice, because a name says nothing about where it leads: here when the host is written
 * as an address, and after DNS by `addressAllowed` when it is a name.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-7.7 RFC 9728 §7.7}
 */
import { isIP } from 'node:net'
import { accept, type Result, refuse } from '@carnet/protocol'
import { isLoopbackAddress, isPublicAddress } from './special-use.ts'

export interface TargetPolicy {
  /** Development only: plain http, and addresses of this machine, for hosts that are loopback by name or number. */
  readonly allowInsecureLoopback: boolean
  /** Exact hosts (with `:port` unless it is the usual one) that may be reached; every public one where absent. */
  readonly onlyHosts: readonly string[] | undefined
}

export type TargetRefusal = {
  readonly reason:
    | 'malformed-url'
    | 'credentials-in-url'
    | 'scheme-not-allowed'
    | 'host-not-allowed'
    | 'address-not-allowed'
}

/** Nothing that parsers are known to drop, turn or fold: control characters, spaces, backslashes, non-ASCII. */
const PLAIN_URL = /^[\x21-\x5b\x5d-\x7e]{1,2048}$/

/** @param url - attacker-influenced */
export function checkTarget(url: string, policy: TargetPolicy): Result<URL, TargetRefusal> {
  if (!PLAIN_URL.test(url) || !URL.canParse(url)) return refuse({ reason: 'malformed-url' })
  const target = new URL(url)
  const host = hostOf(target)
  if (target.username !== '' || target.password !== '') return refuse({ reason: 'credentials-in-url' })
  if (!schemeAllowed(target.protocol, host, policy)) return refuse({ reason: 'scheme-not-allowed' })
  if (policy.onlyHosts?.includes(target.host) === false) return refuse({ reason: 'host-not-allowed' })
  if (isIP(host) !== 0 && !addressAllowed(host, host, policy)) return refuse({ reason: 'address-not-allowed' })
  return accept(target)
}

/**
 * Whether a connection for `host` may go to `address`.
 *
 * A loopback host must lead to this machine and any other must not, whatever DNS answers.
 */
export function addressAllowed(address: string, host: string, policy: TargetPolicy): boolean {
  if (isLoopbackHost(host)) return policy.allowInsecureLoopback && isLoopbackAddress(address)
  return isPublicAddress(address)
}

function schemeAllowed(protocol: string, host: string, policy: TargetPolicy): boolean {
  return protocol === 'https:' || (protocol === 'http:' && policy.allowInsecureLoopback && isLoopbackHost(host))
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host)
}

/** The URL parser has already turned decimal, octal and hexadecimal spellings of IPv4 into the usual one. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/**
 * Says where a request came from. A forwarded address is believed only from a proxy an operator named.
 */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { Fault } from '@carnet/protocol'

/** Which addresses belong to our own proxies. */
export interface TrustedProxies {
  includes(address: string): boolean
}

/**
 * @param entries - addresses or CIDR ranges; none by default
 * @throws {Fault} `configuration-invalid` for an entry that is neither
 */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  if (entries.length === 0) return { includes: () => false }
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address)
    const bits = family === 6 ? 128 : 32
    const length = prefix === undefined ? bits : Number(/^\d{1,3}$/.test(prefix) ? prefix : Number.NaN)
    if (family === 0 || !(length <= bits)) {
      throw new Fault('configuration-invalid', `${JSON.stringify(entry)} is not an address or range`)
    }
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4')
  }
  return { includes: (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') }
}

/**
 * The source a request is counted under: the nearest address that is not one of our own proxies, and of an IPv6
 * address the network, since one caller commands a whole /64.
 *
 * @param peer - the other end of the connection
 * @param forwardedFor - the `X-Forwarded-For` header: attacker-controlled up to the part our own proxies wrote
 */
export function sourceOf(peer: string, forwardedFor: string | undefined, proxies: TrustedProxies): string {
  let source = plainAddress(peer)
  const hops = (forwardedFor ?? '').split(',')
  while (proxies.includes(source)) {
    const previous = plainAddress(hops.pop()?.trim() ?? '')
    if (isIP(previous) === 0) break
    source = previous
  }
  return isIPv6(source) ? networkOf(source) : source
}

/** An IPv4 address that a dual-stack socket wrote as IPv6 is still that IPv4 address. */
function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address
}

/** The first 64 bits of an IPv6 address. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`
}

/**
 * Which addresses belong to the public internet. Everything else is somebody's inside.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6890#section-2.2 RFC 6890 §2.2}
 */
import { BlockList, isIP } from 'node:net'

const SPECIAL_IPV4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // public in form, but the host platform of every Azure machine
  ['169.254.0.0', 16], // link-local, with the metadata services of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // multicast tunnelling
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const

/** The parts of 2000::/3 that are not simply somebody's public address. */
const SPECIAL_IPV6 = [
  ['2001::', 23], // protocol assignments, with Teredo's embedded IPv4 addresses
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: embeds an IPv4 address
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
] as const

const special = new BlockList()
for (const [address, prefix] of SPECIAL_IPV4) special.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of SPECIAL_IPV6) special.addSubnet(address, prefix, 'ipv6')

/** Mapped, NAT64, unique local, link-local, multicast and all that is yet unassigned lie outside of this. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

// Apart, because a list that knows IPv4 loopback also matches its IPv6-mapped form.
const loopbackIpv4 = new BlockList()
loopbackIpv4.addSubnet('127.0.0.0', 8, 'ipv4')
const loopbackIpv6 = new BlockList()
loopbackIpv6.addAddress('::1', 'ipv6')

/** @param address - an IP address in any textual form; attacker-influenced through DNS */
export function isPublicAddress(address: string): boolean {
  // A zone id names an interface of this machine.
  if (address.includes('%')) return false
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4')
    case 6:
      return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6')
    default:
      return false
  }
}

export function isLoopbackAddress(address: string): boolean {
  if (address.includes('%')) return false
  switch (isIP(address)) {
    case 4:
      return loopbackIpv4.check(address, 'ipv4')
    case 6:
      return loopbackIpv6.check(address, 'ipv6')
    default:
      return false
  }
}

import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { sourceOf, trustedProxies } from './peer-address.ts'

const NONE = trustedProxies([])
const OURS = trustedProxies(['10.0.0.0/8', 'fd00::1'])

const rows = [
  ['ignores a forwarded address without a configured proxy', '203.0.113.9', '198.51.100.1', NONE, '203.0.113.9'],
  ['ignores a forwarded address from a stranger', '203.0.113.9', '198.51.100.1', OURS, '203.0.113.9'],
  ['takes the address our proxy saw', '10.1.2.3', '198.51.100.1', OURS, '198.51.100.1'],
  ['believes only the part our proxies wrote', '10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9', OURS, '198.51.100.1'],
  ['stays with the proxy where it names nobody', '10.1.2.3', undefined, OURS, '10.1.2.3'],
  ['stays with the proxy where it names rubbish', '10.1.2.3', 'a\r\nb', OURS, '10.1.2.3'],
  ['knows an IPv4 address in IPv6 clothing', '::ffff:10.1.2.3', '198.51.100.1', OURS, '198.51.100.1'],
  ['counts an IPv6 network as one source', '2001:db8:1:2:aaaa::1', undefined, NONE, '2001:db8:1:2::/64'],
  ['spells an IPv6 network in one way', '2001:0DB8::1', undefined, NONE, '2001:db8:0:0::/64'],
] as const

for (const [title, peer, forwardedFor, proxies, source] of rows) {
  proves('IDP-47', title, () => {
    expect(sourceOf(peer, forwardedFor, proxies)).toBe(source)
  })
}

for (const entry of ['localhost', '10.0.0.0/33', '10.0.0.0/x', '']) {
  test(`a trusted proxy ${JSON.stringify(entry)} stops the start`, () => {
    expect(() => trustedProxies([entry])).toThrow(Fault)
  })
}

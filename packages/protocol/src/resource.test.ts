import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import type { ResourceId } from './ids.ts'
import { resourceKey, sameResource } from './resource.ts'

const registered = 'https://mcp.chat.test/mcp' as ResourceId

const same = [
  ['as registered', 'https://mcp.chat.test/mcp'],
  ['with one trailing slash', 'https://mcp.chat.test/mcp/'],
  ['with another case in the host', 'https://MCP.Chat.test/mcp'],
  ['with another case in the scheme', 'HTTPS://mcp.chat.test/mcp'],
  ['with the usual port', 'https://mcp.chat.test:443/mcp'],
] as const

for (const [how, spelling] of same) {
  proves(['IDP-28', 'RAS-21'], `knows a resource spelled ${how}`, () => {
    expect(sameResource(registered, spelling)).toBe(true)
  })
}

const different = [
  ['two trailing slashes', 'https://mcp.chat.test/mcp//'],
  ['another case in the path', 'https://mcp.chat.test/MCP'],
  ['another path', 'https://mcp.chat.test/files'],
  ['a longer path', 'https://mcp.chat.test/mcp/x'],
  ['no path', 'https://mcp.chat.test'],
  ['another port', 'https://mcp.chat.test:8443/mcp'],
  ['another scheme', 'http://mcp.chat.test/mcp'],
  ['a query', 'https://mcp.chat.test/mcp?x=1'],
  ['another host', 'https://mcp.chat.test.evil.test/mcp'],
  ['a host with a trailing dot', 'https://mcp.chat.test./mcp'],
] as const

for (const [what, spelling] of different) {
  proves(['IDP-28', 'RAS-21'], `does not take a resource with ${what} for the registered one`, () => {
    expect(sameResource(registered, spelling)).toBe(false)
  })
}

const impossible = [
  ['with a fragment', 'https://mcp.chat.test/mcp#x'],
  ['with an empty fragment', 'https://mcp.chat.test/mcp#'],
  ['without a scheme', 'mcp.chat.test/mcp'],
  ['that is relative', '/mcp'],
  ['of another scheme', 'urn:example:mcp'],
  ['with user information', 'https://user@mcp.chat.test/mcp'],
  ['with a password', 'https://:secret@mcp.chat.test/mcp'],
  ['with a line break that a parser would drop', 'https://mcp.chat.test/m\ncp'],
  ['with a backslash that a parser would turn', 'https://mcp.chat.test\\mcp'],
  ['with a space around it', ' https://mcp.chat.test/mcp'],
  ['with a host that is none', 'https://[::1/mcp'],
  ['that is too long', `https://mcp.chat.test/${'x'.repeat(2048)}`],
] as const

for (const [what, spelling] of impossible) {
  proves('IDP-28', `takes nothing ${what} for a resource`, () => {
    expect(resourceKey(spelling)).toBeUndefined()
  })
}

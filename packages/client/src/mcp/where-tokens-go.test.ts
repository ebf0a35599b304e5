import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { mayCarryToken } from './where-tokens-go.ts'

const RESOURCE = 'https://mcp.chat.test/mcp'

for (const url of [RESOURCE, `${RESOURCE}/`, `${RESOURCE}/stream`, `${RESOURCE}?session=1`]) {
  proves('CLI-15a', `sends the token to ${url}`, () => {
    expect(mayCarryToken(RESOURCE, url)).toBe(true)
  })
}

for (const url of [
  'https://mcp.chat.test/files',
  'https://mcp.chat.test/mcp2',
  'https://mcp.wiki.test/mcp',
  'http://mcp.chat.test/mcp',
  'https://mcp.chat.test:8443/mcp',
  `${RESOURCE}?access_token=x`,
  'not a url',
]) {
  proves('CLI-15a', `does not send the token to ${url}`, () => {
    expect(mayCarryToken(RESOURCE, url)).toBe(false)
  })
}

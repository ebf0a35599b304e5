import type { IssuerId, ResourceId, Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { answerMetadata, metadataUrl, type ResourceMetadata } from './metadata.ts'

const metadata: ResourceMetadata = {
  resource: 'https://mcp.chat.test/mcp' as ResourceId,
  authorizationServers: ['https://auth.chat.test/ras' as IssuerId],
  scopes: ['chat.read' as Scope],
  name: 'Chat',
}
const get = (url: string, method = 'GET') => answerMetadata({ method, url }, metadata)

describe('the protected resource metadata', () => {
  for (const url of [
    '/.well-known/oauth-protected-resource/mcp',
    'https://mcp.chat.test/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-protected-resource/mcp?x=1',
    '/.well-known/oauth-protected-resource',
  ]) {
    proves('DISC-08', `is at ${url}, in the exact spelling of the identifiers`, () => {
      const answer = get(url)
      expect(answer?.status).toBe(200)
      expect(answer?.headers['content-type']).toBe('application/json')
      expect(JSON.parse(answer?.body ?? '')).toEqual({
        resource: 'https://mcp.chat.test/mcp',
        authorization_servers: ['https://auth.chat.test/ras'],
        scopes_supported: ['chat.read'],
        bearer_methods_supported: ['header'],
        resource_name: 'Chat',
      })
    })
  }

  proves('DISC-08', 'is not at another resource of the host', () => {
    expect(get('/.well-known/oauth-protected-resource/files')).toBeUndefined()
    expect(get('/mcp')).toBeUndefined()
  })

  proves('THR-14', 'is what was configured, whatever name it is asked for under', () => {
    const answer = get('http://evil.test/.well-known/oauth-protected-resource/mcp')
    expect(answer?.body).not.toContain('evil.test')
  })

  proves('DISC-14', 'may be read by any page, and only read', () => {
    const url = '/.well-known/oauth-protected-resource/mcp'
    expect(get(url)?.headers['access-control-allow-origin']).toBe('*')
    expect(get(url, 'OPTIONS')?.headers['access-control-allow-headers']).toContain('MCP-Protocol-Version')
    expect(get(url, 'HEAD')).toMatchObject({ status: 200, body: '' })
    expect(get(url, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } })
  })

  test('is named in a challenge by its path-inserted URL', () => {
    expect(metadataUrl(metadata.resource)).toBe('https://mcp.chat.test/.well-known/oauth-protected-resource/mcp')
    expect(metadataUrl('https://h.test/' as ResourceId)).toBe('https://h.test/.well-known/oauth-protected-resource')
  })
})

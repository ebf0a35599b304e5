import { Fault } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { outbound, routes, startPeer } from '../test/peer.ts'
import { fetchAuthorizationServerMetadata, fetchProtectedResourceMetadata } from './index.ts'

function about(issuer: string) {
  return { issuer, token_endpoint: `${issuer}/token` }
}

test('asks every well-known URL in order, past 4xx and 502', async () => {
  const peer = await startPeer()
  const issuer = `${peer.url}/t1`
  peer.answer = routes({
    '/.well-known/oauth-authorization-server/t1': 404,
    '/.well-known/openid-configuration/t1': 502,
    '/t1/.well-known/openid-configuration': about(issuer),
  })
  expect(await fetchAuthorizationServerMetadata(issuer, outbound())).toEqual({ ok: true, value: about(issuer) })
  expect(peer.requests).toHaveLength(3)
})

test('a server error ends the search and is nobody’s refusal', async () => {
  const peer = await startPeer(routes({ '/.well-known/oauth-authorization-server': 500 }))
  await expect(fetchAuthorizationServerMetadata(peer.url, outbound())).rejects.toThrow(Fault)
  expect(peer.requests).toHaveLength(1)
})

proves('DISC-11', 'believes no document that names another issuer, not even by one character', async () => {
  const peer = await startPeer()
  for (const issuer of [`${peer.url}/`, peer.url.toUpperCase(), 'https://idp.evil.test']) {
    peer.answer = routes({ '/.well-known/oauth-authorization-server': about(issuer) })
    expect(await fetchAuthorizationServerMetadata(peer.url, outbound())).toMatchObject({
      refusal: { reason: 'issuer-mismatch', received: issuer },
    })
  }
})

test('what is no metadata is passed over and reported if nothing better comes', async () => {
  const peer = await startPeer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'))
  expect(await fetchAuthorizationServerMetadata(peer.url, outbound())).toMatchObject({
    refusal: { reason: 'metadata-malformed' },
  })
  peer.answer = routes({
    '/.well-known/oauth-authorization-server': { issuer: peer.url },
    '/.well-known/openid-configuration': about(peer.url),
  })
  expect(await fetchAuthorizationServerMetadata(peer.url, outbound())).toMatchObject({ ok: true })
})

test('no document anywhere, or no URL at all, is no metadata', async () => {
  const peer = await startPeer()
  for (const issuer of [peer.url, 'idp.acme.test', '']) {
    expect(await fetchAuthorizationServerMetadata(issuer, outbound())).toEqual({
      ok: false,
      refusal: { reason: 'no-metadata' },
    })
  }
})

function resourceDocument(resource: string) {
  return { resource, authorization_servers: ['https://auth.chat.test'] }
}

test('finds protected resource metadata at the path, at the root, or where the challenge points', async () => {
  const peer = await startPeer()
  const resource = `${peer.url}/mcp`
  peer.answer = routes({ '/.well-known/oauth-protected-resource/mcp': resourceDocument(resource) })
  expect(await fetchProtectedResourceMetadata(resource, outbound())).toMatchObject({ value: { resource } })
  peer.answer = routes({ '/.well-known/oauth-protected-resource': resourceDocument(peer.url) })
  expect(await fetchProtectedResourceMetadata(resource, outbound())).toMatchObject({ value: { resource: peer.url } })
  peer.answer = routes({ '/elsewhere': resourceDocument(resource) })
  expect(await fetchProtectedResourceMetadata(resource, outbound(), `${peer.url}/elsewhere`)).toMatchObject({
    ok: true,
  })
})

test('believes no document about another resource', async () => {
  const peer = await startPeer()
  const resource = `${peer.url}/mcp`
  const mismatch = { ok: false, refusal: { reason: 'resource-mismatch' } }
  peer.answer = routes({ '/.well-known/oauth-protected-resource/mcp': resourceDocument(`${peer.url}/other`) })
  expect(await fetchProtectedResourceMetadata(resource, outbound())).toMatchObject(mismatch)
  peer.answer = routes({ '/.well-known/oauth-protected-resource/mcp': resourceDocument(peer.url) })
  expect(await fetchProtectedResourceMetadata(resource, outbound())).toMatchObject(mismatch)
  peer.answer = routes({ '/elsewhere': resourceDocument(peer.url) })
  expect(await fetchProtectedResourceMetadata(resource, outbound(), `${peer.url}/elsewhere`)).toMatchObject(mismatch)
})

/**
 * The limit everything is measured against: bare `node:http`, one raw ES256 verify and one raw ES256 sign for each
 * request, and nothing else. What a token endpoint cannot beat on one core.
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '../server-process.ts'

export interface LimitReady {
  readonly url: string
  readonly body: string
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: 'limit' })).toString('base64url')
const claims = {
  iss: 'https://issuer.example',
  sub: 'b9a1c0de-0000-4000-8000-000000000000',
  aud: 'https://authorization-server.example',
  client_id: 'client-at-the-authorization-server',
  jti: 'nWk1l5Q2m0a8b7c6d5e4f3',
  resource: 'https://server.example/mcp',
  scope: 'issues.read issues.write',
  auth_time: 1_795_176_000,
  amr: ['pwd'],
  iat: 1_795_176_000,
  exp: 1_795_176_300,
}

function signed(payload: object): string {
  const input = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function verified(token: string): object {
  const [head, body, signature] = token.split('.')
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature ?? '', 'base64url')))
    throw new Error('signature')
  return JSON.parse(Buffer.from(body ?? '', 'base64url').toString())
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    verified(form.get('subject_token') ?? '')
    const body = JSON.stringify({ access_token: signed(claims), token_type: 'N_A', expires_in: 300 })
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
})

server.listen(0, '127.0.0.1', () => {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: signed(claims),
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
    audience: claims.aud,
    resource: claims.resource,
    scope: claims.scope,
  })
  const ready: LimitReady = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    body: form.toString(),
  }
  serve(ready)
})

import { EMA_EXTENSION, Fault, type Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { alice } from '../../test/fixture/caller.ts'
import type { GuardRefusal, TokenRefusal } from '../refusals.ts'
import { type AnswerContext, answerTo, answerToFault } from './answer.ts'

const METADATA = 'https://mcp.chat.test/.well-known/oauth-protected-resource/mcp'
const context: AnswerContext = { resourceMetadata: METADATA, scopes: ['chat.read' as Scope], id: 7 }
const needed = ['chat.read', 'chat.write'] as Scope[]

const challengeOf = (refusal: GuardRefusal) => answerTo(refusal, context).headers['www-authenticate']

describe('the answer to', () => {
  proves('RS-01', 'a request without credentials is a challenge without an error', () => {
    const { status, headers, body } = answerTo({ reason: 'no-credentials' }, context)
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe(`Bearer scope="chat.read", resource_metadata="${METADATA}"`)
    expect(body).toBe('')
  })

  for (const [refusal, status, error] of [
    [{ reason: 'malformed-credentials' }, 400, 'invalid_request'],
    [{ reason: 'two-methods' }, 400, 'invalid_request'],
    [{ reason: 'bad-signature' }, 401, 'invalid_token'],
    [{ reason: 'expired', caller: alice }, 401, 'invalid_token'],
    [{ reason: 'insufficient-scope', tool: 't', needed }, 403, 'insufficient_scope'],
  ] as const) {
    proves('RS-07', `${refusal.reason} is ${status} ${error}`, () => {
      const answer = answerTo(refusal, context)
      expect(answer.status).toBe(status)
      expect(answer.headers['www-authenticate']).toContain(`error="${error}"`)
      expect(JSON.parse(answer.body)).toMatchObject({ error })
      expect(answer.headers['cache-control']).toBe('no-store')
    })
  }

  for (const reason of ['bad-host', 'bad-origin'] as const) {
    proves('RS-13', `a ${reason} is 403`, () => {
      const refusal = { reason, host: 'evil.test', origin: 'https://evil.test' }
      expect(answerTo(refusal, context).status).toBe(403)
    })
  }

  proves('RS-08', 'too little scope names all scopes the tool needs, and where the metadata is', () => {
    expect(challengeOf({ reason: 'insufficient-scope', tool: 't', needed })).toBe(
      `Bearer error="insufficient_scope", error_description="The tool needs more scope.", scope="chat.read chat.write", resource_metadata="${METADATA}"`,
    )
  })

  proves('RS-14', 'a client without the extension is the JSON-RPC error that names it, as 400', () => {
    const { status, body } = answerTo({ reason: 'extension-undeclared' }, context)
    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32021, data: { requiredCapabilities: { extensions: { [EMA_EXTENSION]: {} } } } },
    })
  })

  test('a tool that nobody has is what the protocol says of one that does not exist', () => {
    expect(JSON.parse(answerTo({ reason: 'unknown-tool', tool: 'x' }, context).body)).toMatchObject({
      id: 7,
      error: { code: -32602 },
    })
  })

  test('a token that was good once says what became of it; to a stranger all refusals are one', () => {
    expect(JSON.parse(answerTo({ reason: 'expired', caller: alice }, context).body)).toMatchObject({
      carnet_reason: 'token.expired',
      txn: alice.txn,
    })
    const revoked = { reason: 'revoked', caller: alice, record: 'r', eventId: 'e' } as const
    expect(JSON.parse(answerTo(revoked, context).body)).toMatchObject({ carnet_reason: 'token.revoked' })
    const strange: readonly TokenRefusal[] = [
      { reason: 'malformed' },
      { reason: 'bad-signature' },
      { reason: 'unknown-issuer', iss: 'x' },
      { reason: 'unknown-key' },
    ]
    const answers = new Set(strange.map((refusal) => JSON.stringify(answerTo(refusal, context))))
    expect(answers.size).toBe(1)
  })

  test('a fault is 503 with a time to try again, and no challenge', () => {
    const { status, headers } = answerToFault(new Fault('feed-stale', 'x', { retryAfterSeconds: 2.5 }))
    expect([status, headers['retry-after'], headers['www-authenticate']]).toEqual([503, '3', undefined])
  })
})

import type { Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { bearerChallenge } from './challenge.ts'

proves('RS-15', 'a challenge begins with Bearer and quotes every value', () => {
  const challenge = bearerChallenge({
    error: 'invalid_token',
    scopes: ['a' as Scope],
    resourceMetadata: 'https://x.test/y',
  })
  expect(challenge).toMatch(
    /^Bearer [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(, [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*")*$/,
  )
})

proves('RS-15', 'a challenge holds nothing but printable ASCII, and nothing breaks out of its quotes', () => {
  const description = 'naïve "quote" \\ and\r\nSet-Cookie: a=b'
  const challenge = bearerChallenge({ description, scopes: [], resourceMetadata: 'https://x.test/y' })
  expect(challenge).toBe(
    'Bearer error_description="na?ve ?quote? ? and??Set-Cookie: a=b", resource_metadata="https://x.test/y"',
  )
})

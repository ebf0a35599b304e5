import { describe, expect, test } from 'vitest'
import { findTokenText } from './no-token-text.ts'

const JWT = 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl'

describe('findTokenText', () => {
  const telling = [
    ['a JWT', `token was ${JWT}`],
    ['an unsecured JWT', `"${JWT.split('.').slice(0, 2).join('.')}."`],
    ['a bearer header', 'authorization: Bearer 9f8a7b6c5d4e3f2a1b0c'],
    ['a Basic header', 'Authorization: Basic Y2xpZW50OnNlY3JldDEyMw=='],
    ['a credential in a URL', 'GET /token?client_secret=abcdefgh1234&x=1'],
    ['a form', 'grant_type=x&assertion=abcdefghijkl'],
    ['a known secret', 'wrong password: hunter2/+'],
    ['a form-encoded secret', 'p=hunter2%2F%2B'],
  ] as const
  for (const [what, text] of telling) {
    test(`finds ${what}`, () => expect(findTokenText(text, ['hunter2/+'])).not.toEqual([]))
  }

  const silent = [
    ['ids and hashes', '{"txn":"0123456789abcdefABCDEF","jti":"a1b2","hash":"9f86d081884c7d659a2feaa0c55ad015"}'],
    ['a challenge', 'WWW-Authenticate: Bearer resource_metadata="https://mcp.example/.well-known/x", scope="a b"'],
    ['a sentence about tokens', 'The bearer token was not accepted; basic authentication failed'],
    ['a host that begins like a token', 'https://eyebrowsers.example.com/mcp'],
    ['a type URN', 'urn:ietf:params:oauth:token-type:id-jag'],
  ] as const
  for (const [what, text] of silent) {
    test(`is silent about ${what}`, () => expect(findTokenText(text, ['hunter2/+'])).toEqual([]))
  }

  test('does not print what it found', () => {
    expect(findTokenText(JWT).join()).not.toContain(JWT.slice(0, 20))
  })
})

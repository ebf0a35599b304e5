import { expect, test } from 'vitest'
import { parseChallenge } from './challenge.ts'

const read = [
  [
    'Bearer resource_metadata="https://mcp.test/.well-known/x", scope="a b", error="invalid_token"',
    { error: 'invalid_token', resourceMetadata: 'https://mcp.test/.well-known/x', scopes: ['a', 'b'] },
  ],
  [
    'bearer scope=a,error=insufficient_scope',
    { error: 'insufficient_scope', resourceMetadata: undefined, scopes: ['a'] },
  ],
  ['Bearer', { error: undefined, resourceMetadata: undefined, scopes: undefined }],
  ['Bearer error="a", error="b"', { error: 'a', resourceMetadata: undefined, scopes: undefined }],
  [
    'Bearer x="resource_metadata=\\"https://evil.test\\"", scope="a"',
    { error: undefined, resourceMetadata: undefined, scopes: ['a'] },
  ],
  ['Bearer scope="a  b"', { error: undefined, resourceMetadata: undefined, scopes: undefined }],
  ['Basic realm="x"', undefined],
  ['Bearers scope="a"', undefined],
  [`Bearer scope="${'a'.repeat(9000)}"`, undefined],
  [null, undefined],
] as const

for (const [header, challenge] of read) {
  test(`reads ${header?.slice(0, 70)}`, () => {
    expect(parseChallenge(header)).toEqual(challenge)
  })
}

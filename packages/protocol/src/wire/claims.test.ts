import { expect, test } from 'vitest'
import { clientAssertionClaims, idJagClaims } from './claims.ts'

const complete = {
  iss: 'https://idp.test',
  sub: 'alice',
  aud: 'https://as.test',
  client_id: 'app',
  jti: 'grant-1',
  iat: 1,
  exp: 2,
  sid: 'session-1',
}

for (const [what, value] of [
  ['a NUL', 'a\0b'],
  ['the first half of a character', 'a\ud800'],
  ['the second half of a character', '\udc00a'],
] as const) {
  for (const claim of ['sub', 'jti', 'sid'] as const) {
    test(`a claim set with ${what} in ${claim} is malformed: no store could tell it from another`, () => {
      expect(idJagClaims.safeParse({ ...complete, [claim]: value }).success).toBe(false)
    })
  }
}

test('characters beyond the basic plane are as good as any', () => {
  expect(idJagClaims.safeParse({ ...complete, sub: 'alice 🌲' }).success).toBe(true)
  const { iss, sub, aud, jti, exp } = complete
  expect(clientAssertionClaims.safeParse({ iss, sub, aud, jti, exp }).success).toBe(true)
})

import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { isHintOf } from './logout.ts'

const session = {
  accountId: 'alice',
  authorizations: { a: { sid: 'sid-a', formerSids: ['earlier'] }, b: { sid: 'sid-b' } },
}
const hint = { sub: 'alice', aud: 'a', sid: 'sid-a' }

proves('REV-08', 'takes the hint of a client of this session, an earlier one of it too', () => {
  expect(isHintOf(session, hint)).toBe(true)
  expect(isHintOf(session, { ...hint, sid: 'earlier' })).toBe(true)
})

for (const [what, other] of [
  ['absent', undefined],
  ['of another session', { ...hint, sid: 'other' }],
  ['without a session', { ...hint, sid: undefined }],
  ['of another client of this session', { ...hint, aud: 'b' }],
  ['of a client this session was never used at', { ...hint, aud: 'c' }],
  ['of another person', { ...hint, sub: 'bob' }],
] as const) {
  proves('REV-08', `does not take a hint that is ${what}`, () => {
    expect(isHintOf(session, other)).toBe(false)
  })
}

import { proves } from '@carnet/requirements/vitest'
import { describe, expect } from 'vitest'
import { facts } from '../../test/fixture/request.ts'
import { bearerToken } from './credentials.ts'

const FORM = 'application/x-www-form-urlencoded'

describe('the access token of a request', () => {
  for (const [title, headers, token] of [
    ['the Authorization header', { authorization: 'Bearer abc.def-1_~+/==' }, 'abc.def-1_~+/=='],
    ['the header, whatever the case of its scheme', { authorization: 'bearer abc' }, 'abc'],
  ] as const) {
    proves('RS-03', `is in ${title}`, () => {
      expect(bearerToken(facts(headers))).toEqual({ ok: true, value: token })
    })
  }

  for (const [title, request] of [
    ['without any credentials', facts()],
    ['with another scheme', facts({ authorization: 'Basic YTpi' })],
    ['with a DPoP token', facts({ authorization: 'DPoP abc' })],
  ] as const) {
    proves('RS-01', `is not there ${title}`, () => {
      expect(bearerToken(request)).toEqual({ ok: false, refusal: { reason: 'no-credentials' } })
    })
  }

  for (const [title, request] of [
    ['in the URL', facts({}, { url: '/mcp?access_token=abc' })],
    ['in a form body', facts({ 'content-type': FORM })],
  ] as const) {
    proves('RS-03', `is not looked for ${title}`, () => {
      expect(bearerToken(request)).toEqual({ ok: false, refusal: { reason: 'no-credentials' } })
    })
  }

  for (const [title, request] of [
    ['in the header and in the URL', facts({ authorization: 'Bearer abc' }, { url: '/mcp?access_token=abc' })],
    [
      'in the header and in the URL in disguise',
      facts({ authorization: 'Bearer a' }, { url: '/mcp?x=1&access%5Ftoken=' }),
    ],
    [
      'in the header beside a form body',
      facts({ authorization: 'Bearer abc', 'content-type': `${FORM}; charset=utf-8` }),
    ],
  ] as const) {
    proves('RS-03', `must not be tried ${title}`, () => {
      expect(bearerToken(request)).toEqual({ ok: false, refusal: { reason: 'two-methods' } })
    })
  }

  for (const authorization of ['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a, Bearer b', 'Bearer "abc"', 'Bearer ä']) {
    proves('RS-07', `is malformed as ${JSON.stringify(authorization)}`, () => {
      expect(bearerToken(facts({ authorization }))).toEqual({ ok: false, refusal: { reason: 'malformed-credentials' } })
    })
  }
})

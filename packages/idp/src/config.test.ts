import { Fault, type IssuerId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { configProblems, ISSUER_DEFAULTS, type IssuerConfig, issuerConfig } from './config.ts'

const good: IssuerConfig = {
  ...ISSUER_DEFAULTS,
  issuer: 'https://idp.acme.test' as IssuerId,
  cookieKeys: ['a cookie key that is long enough for anybody'],
}

const problemsWith = (change: Partial<IssuerConfig>) => configProblems({ ...good, ...change })

test('the defaults are in order', () => {
  expect(configProblems(good)).toEqual([])
  expect(issuerConfig(good)).toEqual(good)
})

describe('the issuer identifier', () => {
  for (const [issuer, problem] of [
    ['https://idp.acme.test/', 'must not end with a slash'],
    ['https://idp.acme.test/t1/', 'must not end with a slash'],
  ] as const) {
    proves('DISC-07', `${issuer} is refused: it ${problem}`, () => {
      expect(problemsWith({ issuer: issuer as IssuerId })).toContainEqual({ path: 'issuer', problem })
    })
  }

  proves('DISC-07', 'is refused where a parser would write it otherwise', () => {
    for (const issuer of ['https://IDP.acme.test', 'https://idp.acme.test:443', 'https://idp.acme.test/a/../b']) {
      expect(problemsWith({ issuer: issuer as IssuerId })).toHaveLength(1)
    }
  })

  for (const [issuer, problem] of [
    ['idp.acme.test', 'must be an absolute URL'],
    ['http://idp.acme.test', 'must use https; http is for loopback addresses only'],
    ['https://idp.acme.test?x', 'must have neither query nor fragment'],
    ['https://idp.acme.test#x', 'must have neither query nor fragment'],
    ['https://user@idp.acme.test', 'must not hold user information'],
  ] as const) {
    test(`${issuer} ${problem}`, () => {
      expect(problemsWith({ issuer: issuer as IssuerId })).toContainEqual({ path: 'issuer', problem })
    })
  }

  test('may be http on a loopback address, and may have a path', () => {
    for (const issuer of ['http://localhost:7400', 'http://127.0.0.1:1', 'https://idp.acme.test/t1']) {
      expect(problemsWith({ issuer: issuer as IssuerId })).toEqual([])
    }
  })
})

proves('IDP-05', 'a code that lives longer than a minute is not configurable', () => {
  expect(problemsWith({ codeSeconds: 61 }).map(({ path }) => path)).toEqual(['codeSeconds'])
  expect(problemsWith({ codeSeconds: 60 })).toEqual([])
})

for (const [path, change] of [
  ['idTokenSeconds', { idTokenSeconds: 3601 }],
  ['accessTokenSeconds', { accessTokenSeconds: 3601 }],
  ['clockSkewSeconds', { clockSkewSeconds: 121 }],
  ['sessionSeconds', { sessionSeconds: 1.5 }],
  ['idTokenAlgorithm', { idTokenAlgorithm: 'PS256' }],
  ['signingAlgorithms', { signingAlgorithms: ['ES256', 'HS256' as 'ES256'] }],
  ['cookieKeys', { cookieKeys: [] }],
  ['cookieKeys[1]', { cookieKeys: [good.cookieKeys[0] ?? '', 'short'] }],
] as const) {
  test(`a problem is named by its path: ${path}`, () => {
    expect(problemsWith(change).map((one) => one.path)).toEqual([path])
  })
}

test('every problem is told at once', () => {
  const options = { issuer: 'http://x.test/' as IssuerId, cookieKeys: [], codeSeconds: 0 }
  expect(() => issuerConfig(options)).toThrow(Fault)
  expect(() => issuerConfig(options)).toThrow(/issuer: .*; issuer: .*; codeSeconds: .*; cookieKeys: /)
})

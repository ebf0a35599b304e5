import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { A, client, I, R, R2, registry, S } from '../../test/exchange-fixture.ts'
import { exchangeTarget } from './target.ts'

const request = {
  subjectToken: 'x',
  subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
  scopes: undefined,
} as const

function outcome(audiences: readonly [string, ...string[]]) {
  const target = exchangeTarget({ ...request, audiences, resources: [S] }, client(A), registry(), I)
  return target.ok ? target.value.server.resource : target.refusal.reason
}

proves('IDP-13', 'refuses two audiences, even the same one twice', () => {
  expect(outcome([R, R2])).toBe('several-audiences')
  expect(outcome([R, R])).toBe('several-audiences')
})

proves('IDP-13', 'resolves the issuer identifier of a Resource Authorization Server', () => {
  expect(outcome([R])).toBe(S)
})

import { expect, test } from 'vitest'
import type { Requirement } from '../requirement.ts'
import { collectProofs, provedIds, unprovedClaims } from './proofs.ts'

const row: Requirement = { id: 'RAS-13', level: 'MUST', roles: ['resource-as'], text: '', source: '', status: 'proved' }
const passed = { name: '[RAS-13] refuses', file: 'a.test.ts', state: 'passed' } as const

test('reads one or several ids from the name of a test, and none from an ordinary one', () => {
  expect(provedIds('[RAS-13 THR-02] refuses')).toEqual(['RAS-13', 'THR-02'])
  expect(provedIds('[RAS-03a] refuses')).toEqual(['RAS-03a'])
  expect(provedIds('refuses [RAS-13]')).toEqual([])
})

test('a row that a passing test names is proved', () => {
  expect(unprovedClaims([row], collectProofs([passed]))).toEqual([])
})

const claims = [
  ['no test names it', row, []],
  ['a test of it failed', row, [passed, { ...passed, state: 'failed' }]],
  ['a test of it was skipped', row, [{ ...passed, state: 'skipped' }]],
  ['it is planned without a reason', { ...row, status: 'planned' }, []],
  ['it is proved and gives a reason why not', { ...row, reason: 'later' }, [passed]],
] as const

for (const [why, claim, tests] of claims) {
  test(`objects where ${why}`, () => {
    expect(unprovedClaims([claim], collectProofs(tests))).toHaveLength(1)
  })
}

import { expect, test } from 'vitest'
import { mutate } from './mutant.ts'
import { judge } from './verdict.ts'

const mutant = { requirement: 'RAS-13', file: 'a.ts', find: 'if (bad) return no', replace: '' }

test('takes a rule out of its source', () => {
  expect(mutate('start\nif (bad) return no\nend', mutant)).toBe('start\n\nend')
})

test('refuses a mutant whose text is gone or ambiguous', () => {
  expect(() => mutate('start', mutant)).toThrow('found 0 times')
  expect(() => mutate('if (bad) return no\nif (bad) return no', mutant)).toThrow('found 2 times')
})

test('a rule is noticed when only tests of its own requirement, or of none, fail', () => {
  expect(judge('RAS-13', ['[RAS-13] refuses', 'parses'])).toEqual({ kind: 'noticed', by: ['[RAS-13] refuses'] })
})

test('a rule nobody misses is unnoticed', () => {
  expect(judge('RAS-13', [])).toEqual({ kind: 'unnoticed' })
  expect(judge('RAS-13', ['parses'])).toEqual({ kind: 'unnoticed' })
})

test('a rule whose absence fails a test of another requirement is entangled', () => {
  expect(judge('RAS-13', ['[RAS-13] refuses', '[RAS-14] refuses'])).toMatchObject({ kind: 'entangled' })
})

import { proves } from '@carnet/requirements/vitest'
import { SeededRandom } from '@carnet/testing'
import { beforeEach, expect, test, vi } from 'vitest'

/** How long a comparison takes is not looked at here; that the constant-time one is always used, is. */
const compared = vi.hoisted(() => ({ lengths: [] as number[][] }))
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  return {
    ...real,
    timingSafeEqual: (a: Buffer, b: Buffer) => {
      compared.lengths.push([a.length, b.length])
      return real.timingSafeEqual(a, b)
    },
  }
})

const { hashSecret, newSecret, secretMatches } = await import('./client-secret.ts')

const secret = newSecret(new SeededRandom('secret'))
const stored = hashSecret(secret)

beforeEach(() => {
  compared.lengths.length = 0
})

const presented = [
  ['the right secret', secret, stored, true],
  ['one that differs in the first character', `!${secret.slice(1)}`, stored, false],
  ['one that differs in the last character', `${secret.slice(0, -1)}!`, stored, false],
  ['one that is longer', `${secret}x`, stored, false],
  ['an empty one', '', stored, false],
  ['any for a client that does not exist', secret, undefined, false],
  ['an empty one for a client that does not exist', '', undefined, false],
] as const

for (const [what, text, hash, matches] of presented) {
  proves('THR-18', `compares ${what} in constant time, digest against digest`, () => {
    expect(secretMatches(text, hash)).toBe(matches)
    expect(compared.lengths).toEqual([[32, 32]])
  })
}

test('a damaged stored hash matches nothing', () => {
  expect(secretMatches('', '')).toBe(false)
})

test('a secret is 256 bits in an alphabet that is the same form-encoded and raw', () => {
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(encodeURIComponent(secret)).toBe(secret)
  expect(newSecret(new SeededRandom('other'))).not.toBe(secret)
})

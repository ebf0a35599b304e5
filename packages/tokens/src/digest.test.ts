import { expect, test } from 'vitest'
import { pairwise, sha256, sha256Text } from './index.ts'

test('SHA-256 of the empty text is the known one', () => {
  expect(sha256('').toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(sha256Text('')).toBe(sha256(new Uint8Array()).toString('base64url'))
})

test('a pairwise identifier depends on the secret and on every part, and on where each part ends', () => {
  const one = pairwise('secret', 'ab', 'c')
  expect(pairwise('secret', 'ab', 'c')).toBe(one)
  expect(one).toMatch(/^[\w-]{43}$/)
  const others = [pairwise('Secret', 'ab', 'c'), pairwise('secret', 'a', 'bc'), pairwise('secret', 'ab', 'c', '')]
  expect(new Set([one, ...others]).size).toBe(4)
})

import type { EpochSeconds } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import { hashSecret } from '@carnet/tokens'
import { expect } from 'vitest'
import { client, SECRET } from '../test/fixture.ts'
import { hashesToCompare, isClientSecret } from './client-secret.ts'

const OVERLAP_END = (NOW + 100) as EpochSeconds
const rotated = client({
  secrets: [
    { sha256: hashSecret('new'), until: undefined },
    { sha256: hashSecret('old'), until: OVERLAP_END },
  ],
})

proves('IDP-17', 'accepts old and new secret in the overlap of a rotation', () => {
  const lastSecond = (OVERLAP_END - 1) as EpochSeconds
  expect(isClientSecret('new', rotated, lastSecond)).toBe(true)
  expect(isClientSecret('old', rotated, lastSecond)).toBe(true)
})

proves('IDP-17', 'refuses the old secret once the overlap has ended', () => {
  expect(isClientSecret('old', rotated, OVERLAP_END)).toBe(false)
  expect(isClientSecret('new', rotated, OVERLAP_END)).toBe(true)
})

proves('IDP-17', 'compares with the stored hash, never with a stored secret', () => {
  const hash = hashSecret(SECRET)
  expect(isClientSecret(SECRET, client({ secrets: [{ sha256: hash, until: undefined }] }), NOW)).toBe(true)
  expect(isClientSecret(hash, client({ secrets: [{ sha256: hash, until: undefined }] }), NOW)).toBe(false)
})

const strangers = [
  ['that does not exist', undefined],
  ['without a secret', client({ secrets: [] })],
  ['with one secret', client()],
] as const

for (const [who, record] of strangers) {
  proves('THR-18', `compares as often for a client ${who} as in the overlap of a rotation`, () => {
    expect(hashesToCompare(record, NOW)).toHaveLength(hashesToCompare(rotated, NOW).length)
    expect(isClientSecret('guess', record, NOW)).toBe(false)
  })
}

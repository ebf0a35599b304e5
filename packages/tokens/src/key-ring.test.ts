import { type EpochSeconds, Fault, type KeyId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { NOW } from '@carnet/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  generateSigningKey,
  type KeyRing,
  publishedAt,
  rotated,
  type SigningKey,
  signerAt,
  withdrawn,
} from './index.ts'

const AHEAD = 900
const RETAIN = 700
const plan = { now: NOW, publishAheadSeconds: AHEAD, retainSeconds: RETAIN }
const template = await generateSigningKey('ES256')

function key(kid: string, alg: SigningKey['alg'] = 'ES256'): SigningKey {
  return { ...template, kid: kid as KeyId, alg }
}

function at(seconds: number): EpochSeconds {
  return (NOW + seconds) as EpochSeconds
}

function kids(ring: KeyRing): string[] {
  return ring.map(({ kid }) => kid)
}

const ring = rotated([key('old'), key('rsa', 'RS256')], key('new'), plan)

proves('IDP-45', 'publishes a new key before it signs', () => {
  expect(kids(publishedAt(ring, NOW))).toEqual(['old', 'rsa', 'new'])
  expect(signerAt(ring, 'ES256', NOW).kid).toBe('old')
  expect(signerAt(ring, 'ES256', at(AHEAD - 1)).kid).toBe('old')
  expect(signerAt(ring, 'ES256', at(AHEAD)).kid).toBe('new')
})

proves('IDP-45', 'publishes a retired key until the last token it signed has expired', () => {
  expect(kids(publishedAt(ring, at(AHEAD + RETAIN - 1)))).toEqual(['old', 'rsa', 'new'])
  expect(kids(publishedAt(ring, at(AHEAD + RETAIN)))).toEqual(['rsa', 'new'])
})

test('rotating one algorithm leaves the keys of the others alone', () => {
  expect(signerAt(ring, 'RS256', at(10 * AHEAD)).kid).toBe('rsa')
})

test('a key that would only have begun to sign after its successor is dropped', () => {
  const again = rotated(ring, key('newer'), { ...plan, publishAheadSeconds: 0 })
  expect(kids(again)).toEqual(['old', 'rsa', 'newer'])
  expect(signerAt(again, 'ES256', NOW).kid).toBe('newer')
})

test('in an emergency a key is succeeded and withdrawn at once', () => {
  const safe = withdrawn(rotated(ring, key('fresh'), { ...plan, publishAheadSeconds: 0 }), 'old' as KeyId)
  expect(signerAt(safe, 'ES256', NOW).kid).toBe('fresh')
  expect(kids(publishedAt(safe, NOW))).toEqual(['rsa', 'fresh'])
})

test('a ring without a key in force is a fault, and so is a key id used twice', () => {
  expect(() => signerAt(ring, 'EdDSA', NOW)).toThrow(Fault)
  expect(() => signerAt([{ ...key('later'), signsFrom: at(1) }], 'ES256', NOW)).toThrow(Fault)
  expect(() => rotated(ring, key('new'), { ...plan, now: at(AHEAD) })).toThrow(Fault)
})

proves('IDP-45', 'has the key of every living token in every published set, however often it rotates', () => {
  const pauses = fc.array(fc.record({ pause: fc.nat(3 * AHEAD), ahead: fc.nat(AHEAD) }), { maxLength: 6 })
  fc.assert(
    fc.property(pauses, fc.nat(10 * AHEAD), fc.nat(RETAIN - 1), (rotations, signedAfter, age) => {
      let now = 0
      let history: KeyRing = [key('first')]
      const known: { from: number; ring: KeyRing }[] = [{ from: 0, ring: history }]
      for (const [index, { pause, ahead }] of rotations.entries()) {
        now += pause
        history = rotated(history, key(`key-${index}`), {
          now: at(now),
          publishAheadSeconds: ahead,
          retainSeconds: RETAIN,
        })
        known.push({ from: now, ring: history })
      }
      const ringAt = (seconds: number) => known.findLast(({ from }) => from <= seconds)?.ring ?? []
      const signer = signerAt(ringAt(signedAfter), 'ES256', at(signedAfter))
      expect(kids(publishedAt(ringAt(signedAfter + age), at(signedAfter + age)))).toContain(signer.kid)
    }),
    { seed: 7 },
  )
})

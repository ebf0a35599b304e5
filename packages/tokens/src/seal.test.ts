import { Fault } from '@carnet/protocol'
import { SeededRandom } from '@carnet/testing'
import { expect, test } from 'vitest'
import {
  generateSigningKey,
  masterKeyOf,
  newMasterKey,
  openSigningKey,
  readMasterKey,
  SIGNING_ALGORITHMS,
  seal,
  sealSigningKey,
  signJwt,
  unseal,
  verifySignature,
} from './index.ts'

const random = new SeededRandom('seal')
const masterKey = readMasterKey(newMasterKey(random))
const plain = Buffer.from('what nobody may read')

for (const alg of SIGNING_ALGORITHMS) {
  test(`a sealed ${alg} key signs as before once opened`, async () => {
    const key = await generateSigningKey(alg)
    const stored = JSON.parse(JSON.stringify(sealSigningKey(key, masterKey, random)))
    const token = signJwt({ sub: 'alice' }, { typ: 'JWT', key: openSigningKey(stored, masterKey) })
    expect(verifySignature(token, key)).toEqual({ ok: true, value: { sub: 'alice' } })
  })
}

test('a stored key opens under no other master key, and not under another name', async () => {
  const stored = sealSigningKey(await generateSigningKey('ES256'), masterKey, random)
  const other = await generateSigningKey('ES256')
  expect(() => openSigningKey(stored, readMasterKey(newMasterKey(random)))).toThrow(/master key is not the one/)
  expect(() => openSigningKey({ ...stored, kid: other.kid }, masterKey)).toThrow(Fault)
})

test('a sealed value that was changed does not open', () => {
  const sealed = seal(plain, masterKey, 'here', random)
  expect(unseal(sealed, masterKey, 'here')).toEqual(plain)
  expect(() => unseal(sealed, masterKey, 'there')).toThrow(Fault)
  expect(() => unseal(sealed.slice(0, 20), masterKey, 'here')).toThrow(Fault)
  const changed = Buffer.from(sealed, 'base64url')
  changed.writeUInt8(changed.readUInt8(30) ^ 1, 30)
  expect(() => unseal(changed.toString('base64url'), masterKey, 'here')).toThrow(Fault)
})

test('the same value is never sealed the same way twice', () => {
  expect(seal(plain, masterKey, 'here', random)).not.toBe(seal(plain, masterKey, 'here', random))
})

test('a master key is 32 bytes, in base64, base64url or hexadecimal', () => {
  const bytes = random.bytes(32)
  const forms = ['base64', 'base64url', 'hex'] as const
  for (const form of forms) {
    expect(readMasterKey(`${Buffer.from(bytes).toString(form)}\n`).equals(masterKeyOf(bytes))).toBe(true)
  }
  expect(() => readMasterKey('too short')).toThrow(Fault)
  expect(() => masterKeyOf(random.bytes(31))).toThrow(Fault)
})

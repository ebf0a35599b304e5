import type { AccountId, IssuerId, TenantId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { SeededRandom } from '@carnet/testing'
import { describe, expect } from 'vitest'
import { alice } from '../test/fixture/caller.ts'
import { createStateHandles } from './state-handles.ts'

const handles = () => createStateHandles<{ draft: string }>(new SeededRandom('handles'), { max: 2 })

describe('a state handle', () => {
  proves('RS-12', 'opens for who kept it, whatever token they come with next', () => {
    const kept = handles()
    const handle = kept.keep(alice, { draft: 'mine' })
    expect(kept.find({ ...alice, client: 'other' as never, session: undefined }, handle)).toEqual({ draft: 'mine' })
  })

  for (const [who, change] of [
    ['another account', { subject: 'account-bob' as AccountId }],
    ['the same name at another issuer', { issuer: 'https://auth.wiki.test' as IssuerId }],
    ['the same name in another tenant', { tenant: 'other' as TenantId }],
  ] as const) {
    proves('RS-12', `is an unknown one to ${who}, who cannot remove it either`, () => {
      const kept = handles()
      const handle = kept.keep(alice, { draft: 'mine' })
      const intruder = { ...alice, ...change }
      expect(kept.find(intruder, handle)).toBeUndefined()
      kept.forget(intruder, handle)
      expect(kept.find(alice, handle)).toBeDefined()
      kept.forget(alice, handle)
      expect(kept.find(alice, handle)).toBeUndefined()
    })
  }

  proves('RS-12', 'cannot be guessed, and the store of them is bounded', () => {
    const kept = handles()
    const all = [1, 2, 3].map((n) => kept.keep(alice, { draft: String(n) }))
    expect(all.every((handle) => /^[\w-]{22}$/.test(handle))).toBe(true)
    expect(all.filter((handle) => kept.find(alice, handle)).length).toBe(2)
  })
})

import type { ClientId, SessionId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { FixedClock, NOW } from '@carnet/testing'
import { errors } from 'oidc-provider'
import { beforeEach, describe, expect, test } from 'vitest'
import { memoryRecords } from '../../test/oidc-memory.ts'
import { createAdapterFactory, hashOfValue, toRecord } from './adapter.ts'
import type { OidcRecords } from './ports.ts'

let records: OidcRecords
let ended: SessionId[]
let adapterOf: ReturnType<typeof createAdapterFactory>

beforeEach(() => {
  records = memoryRecords()
  ended = []
  adapterOf = createAdapterFactory({
    records,
    clock: new FixedClock(),
    endSignIn: async (sid) => {
      ended.push(sid)
    },
    findClient: (id) => (id === ('a' as ClientId) ? { client_id: id } : undefined),
    InvalidGrant: errors.InvalidGrant,
  })
})

const VALUE = 'VALUE-of-43-characters-which-nobody-may-read-1'
const token = {
  jti: VALUE,
  kind: 'RefreshToken',
  grantId: 'grant',
  sid: 'sid',
  clientId: 'a',
  accountId: 'alice',
  exp: NOW + 60,
}

describe('an artefact', () => {
  test('comes back as it was, and is kept without its value', async () => {
    const interaction = {
      jti: VALUE,
      exp: NOW + 60,
      returnTo: `https://idp.test/authorize/${VALUE}`,
      params: { state: '\u0001 {"a":"\\u0001"}' },
      session: { uid: 'uid', cookie: 'the-session-cookie', accountId: 'alice' },
    }
    await adapterOf('Interaction').upsert(VALUE, interaction, 60)
    const kept = JSON.stringify(await records.find('Interaction', hashOfValue(VALUE)))
    expect(kept).not.toContain(VALUE)
    expect(kept).not.toContain('the-session-cookie')
    const { session: _, ...rest } = interaction
    expect(await adapterOf('Interaction').find(VALUE)).toEqual({ ...rest, session: { uid: 'uid', accountId: 'alice' } })
  })

  test('of one model is not one of another', async () => {
    await adapterOf('RefreshToken').upsert(VALUE, token, 60)
    expect(await adapterOf('AccessToken').find(VALUE)).toBeUndefined()
  })

  proves(['IDP-05', 'THR-01'], 'is consumed by one of all who try', async () => {
    const adapter = adapterOf('AuthorizationCode')
    await adapter.upsert(VALUE, { ...token, grantId: undefined }, 60)
    const tries = await Promise.allSettled([adapter.consume(VALUE), adapter.consume(VALUE), adapter.consume(VALUE)])
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await adapter.find(VALUE))?.consumed).toBe(NOW)
  })

  proves('IDP-05', 'used a second time takes down everything of its grant, and the sign-in', async () => {
    await adapterOf('Grant').upsert('grant', { jti: 'grant', exp: NOW + 60 }, 60)
    await adapterOf('AccessToken').upsert('access', { ...token, jti: 'access' }, 60)
    await adapterOf('RefreshToken').upsert('refresh', { ...token, jti: 'refresh' }, 60)
    await adapterOf('AuthorizationCode').upsert(VALUE, token, 60)
    await adapterOf('AuthorizationCode').consume(VALUE)
    await expect(adapterOf('AuthorizationCode').consume(VALUE)).rejects.toThrow()
    expect(await adapterOf('Grant').find('grant')).toBeUndefined()
    expect(await adapterOf('AccessToken').find('access')).toBeUndefined()
    expect(await adapterOf('RefreshToken').find('refresh')).toBeUndefined()
    expect(new Set(ended)).toEqual(new Set(['sid']))
  })
})

test('a refresh token belongs to the sign-in it was moved to', async () => {
  await records.save(toRecord('RefreshToken', VALUE, token, undefined))
  await records.moveGrant('grant', 'other' as SessionId)
  expect((await adapterOf('RefreshToken').find(VALUE))?.sid).toBe('other')
})

test('clients are read, never written', async () => {
  expect(await adapterOf('Client').find('a')).toEqual({ client_id: 'a' })
  expect(await adapterOf('Client').find('b')).toBeUndefined()
  await expect(adapterOf('Client').upsert('b', {}, 0)).rejects.toThrow('registered elsewhere')
})

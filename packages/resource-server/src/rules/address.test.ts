import { proves } from '@carnet/requirements/vitest'
import { describe, expect } from 'vitest'
import { facts } from '../../test/fixture/request.ts'
import { checkAddress } from './address.ts'

const policy = { hosts: new Set(['localhost', '[::1]']), origins: new Set(['http://localhost:7500']) }

describe('a request', () => {
  for (const host of ['localhost', 'localhost:7500', 'LOCALHOST:1', '[::1]:7500']) {
    proves('RS-13', `is taken when it names us as ${host}`, () => {
      expect(checkAddress(facts({ host }), policy).ok).toBe(true)
    })
  }

  for (const host of ['evil.test', 'evil.test:7500', 'localhost.evil.test', 'localhost@evil.test', '']) {
    proves(['RS-13', 'THR-14'], `is refused when it names us as ${JSON.stringify(host)}`, () => {
      expect(checkAddress(facts({ host }), policy)).toEqual({ ok: false, refusal: { reason: 'bad-host', host } })
    })
  }

  proves('RS-13', 'is taken from a page that is allowed', () => {
    expect(checkAddress(facts({ host: 'localhost', origin: 'http://localhost:7500' }), policy).ok).toBe(true)
  })

  for (const origin of ['https://evil.test', 'http://localhost:7501', 'https://localhost:7500', 'null']) {
    proves(['RS-13', 'THR-14'], `is refused from a page of ${origin}`, () => {
      expect(checkAddress(facts({ host: 'localhost', origin }), policy)).toEqual({
        ok: false,
        refusal: { reason: 'bad-origin', origin },
      })
    })
  }

  proves(['THR-14', 'RS-13'], 'is judged by Host alone, whatever a forwarding header says', () => {
    const forged = { host: 'evil.test', 'x-forwarded-host': 'localhost', forwarded: 'host=localhost' }
    expect(checkAddress(facts(forged), policy).ok).toBe(false)
    expect(checkAddress(facts({ ...forged, host: 'localhost', 'x-forwarded-host': 'evil.test' }), policy).ok).toBe(true)
  })

  proves('RS-13', 'of HTTP/2 is judged by the name in its URL', () => {
    const get = () => null
    expect(checkAddress({ method: 'GET', url: 'https://localhost/mcp', headers: { get } }, policy).ok).toBe(true)
    expect(checkAddress({ method: 'GET', url: 'https://evil.test/mcp', headers: { get } }, policy).ok).toBe(false)
    expect(checkAddress({ method: 'GET', url: '/mcp', headers: { get } }, policy).ok).toBe(false)
  })
})

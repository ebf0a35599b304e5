import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { postLogoutRedirectUriAllowed, redirectUriAllowed } from './redirect-uri.ts'

const web = { applicationType: 'web', redirectUris: ['https://app.test/cb', 'http://127.0.0.1:4000/cb'] } as const
const native = {
  applicationType: 'native',
  redirectUris: [
    'http://127.0.0.1/cb',
    'http://127.0.0.1:33418/',
    'http://[::1]/cb',
    'http://localhost/cb',
    'com.app:/cb',
  ],
} as const

const others = [
  ['longer', 'https://app.test/cb/'],
  ['with a query', 'https://app.test/cb?x=1'],
  ['with a fragment', 'https://app.test/cb#x'],
  ['in other letters', 'https://APP.test/cb'],
  ['with its default port', 'https://app.test:443/cb'],
  ['with the host before an at sign', 'https://app.test@evil.test/cb'],
  ['with a longer host', 'https://app.test.evil.test/cb'],
  ['with backslashes', 'https:\\\\app.test\\cb'],
  ['with dots', 'https://app.test/x/../cb'],
  ['encoded', 'https://app.test/%63b'],
  ['by another scheme', 'http://app.test/cb'],
  ['absent', undefined],
  ['sent twice', ['https://app.test/cb', 'https://app.test/cb']],
] as const

for (const [how, value] of others) {
  proves(['IDP-03', 'THR-13'], `refuses a redirect URI that is the registered one, but ${how}`, () => {
    expect(redirectUriAllowed(web, value)).toBe(false)
  })
}

proves('IDP-03', 'lets a web client have its loopback port and no other', () => {
  expect(redirectUriAllowed(web, 'http://127.0.0.1:4000/cb')).toBe(true)
  expect(redirectUriAllowed(web, 'http://127.0.0.1:4001/cb')).toBe(false)
})

for (const [value, allowed] of [
  ['http://127.0.0.1/cb', true],
  ['http://127.0.0.1:1/cb', true],
  ['http://127.0.0.1:65535/cb', true],
  ['http://127.0.0.1:33418/', true],
  ['http://127.0.0.1:33419/', true],
  ['http://[::1]:5000/cb', true],
  ['com.app:/cb', true],
  ['http://127.0.0.1:1/other', false],
  ['http://127.0.0.1:1/cb?x', false],
  ['http://127.0.0.1:1', false],
  ['http://127.0.0.1:x/cb', false],
  ['http://127.0.0.1:65536/cb', false],
  ['http://127.0.0.1:123456/cb', false],
  ['http://127.0.0.1:1@evil.test/cb', false],
  ['http://127.0.0.1.evil.test:1/cb', false],
  ['https://127.0.0.1:1/cb', false],
  ['http://127.0.0.2:1/cb', false],
  ['http://127.1:1/cb', false],
  ['http://localhost:1/cb', false],
] as const) {
  proves('IDP-03', `${allowed ? 'lets' : 'does not let'} a native client have ${value}`, () => {
    expect(redirectUriAllowed(native, value)).toBe(allowed)
  })
}

const leaving = { postLogoutRedirectUris: ['https://app.test/bye', 'http://127.0.0.1/bye'] }

for (const value of [
  'https://app.test/bye/',
  'https://app.test/bye?x',
  'https://app.test.evil.test/bye',
  'http://127.0.0.1:1/bye',
  undefined,
]) {
  proves(['REV-08', 'THR-13'], `does not send a person who logged out to ${value}`, () => {
    expect(postLogoutRedirectUriAllowed(leaving, value)).toBe(false)
  })
}

proves('REV-08', 'sends a person who logged out to a registered address', () => {
  expect(postLogoutRedirectUriAllowed(leaving, 'https://app.test/bye')).toBe(true)
})

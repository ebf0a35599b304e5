import type { Scope } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { chat } from '../test/example.ts'
import { scopesOfRequest } from './requested-scopes.ts'

const [READ, WRITE] = chat.scopes

proves('IDP-30', 'takes from a request the scopes the server has, and names the others', () => {
  const requested = ['admin', 'chat.write', 'wiki.read'] as Scope[]
  expect(scopesOfRequest(chat, requested)).toEqual({ known: [WRITE], unknown: ['admin', 'wiki.read'] })
})

proves('IDP-30', 'leaves everything to policy where no scope is asked for', () => {
  expect(scopesOfRequest(chat, undefined)).toEqual({ known: [READ, WRITE], unknown: [] })
})

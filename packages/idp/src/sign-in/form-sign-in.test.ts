import { createRateLimits, DEFAULT_RATE_LIMITS, Form } from '@carnet/http'
import type { PersonId } from '@carnet/protocol'
import { NOW } from '@carnet/testing'
import { expect, test } from 'vitest'
import { createFormSignIn } from './form-sign-in.ts'
import type { SignInRequest } from './method.ts'

const request: SignInRequest = {
  action: 'https://idp.test/sign-in/1',
  clientName: 'App',
  loginHint: undefined,
  acrValues: [],
  formTargets: [],
  source: '192.0.2.1',
  now: NOW,
}

function guess(password: string): Form {
  return new Form(
    new Map([
      ['username', ['alice']],
      ['password', [password]],
    ]),
  )
}

test('guesses made all at once learn no more than guesses made one after the other', async () => {
  let answerAll = () => {}
  const allAsked = new Promise<void>((resolve) => {
    answerAll = resolve
  })
  const passwords = {
    async verifyDemoPassword(_username: string, password: string) {
      await allAsked
      return password === 'right' ? ('alice' as PersonId) : undefined
    },
  }
  const signIn = createFormSignIn({ passwords, limits: createRateLimits(DEFAULT_RATE_LIMITS) })
  const outcomes = Array.from({ length: 100 }, (_, n) => signIn.complete(request, guess(n === 99 ? 'right' : `${n}`)))
  answerAll()
  const told = (await Promise.all(outcomes)).map((outcome) => (outcome.ok ? 'signed-in' : outcome.refusal.reason))
  expect(told.filter((answer) => answer === 'wrong-credentials')).toHaveLength(DEFAULT_RATE_LIMITS.failures.burst)
  expect(told.at(-1)).toBe('rate-limited')
})

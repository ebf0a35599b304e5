/**
 * Signs people of the demo organisation in with a username and a password. Not for production: a company's people
 * sign in where they always do.
 */
import type { Form, RateLimits, RateRefusal } from '@carnet/http'
import { accept, type EpochSeconds, type PersonId, refuse } from '@carnet/protocol'
import { type FormPage, formPage } from './form-page.ts'
import { pageHtml } from './html.ts'
import type { SignInMethod, SignInRequest, SignInStep } from './method.ts'

export interface DemoPasswords {
  /** @returns the person, or `undefined` for any reason at all; takes as long for a username nobody has */
  verifyDemoPassword(username: string, password: string): Promise<PersonId | undefined>
}

export interface FormSignInPorts {
  readonly passwords: DemoPasswords
  /** Counts failures of a source at a username. */
  readonly limits: RateLimits
}

/** What a password alone is worth. */
export const PASSWORD_ACR = 'urn:carnet:acr:password'

const WRONG = 'The username or the password is not right. Check both and try again.'
const TOO_MANY = 'There were too many attempts. Wait a moment and try again.'
const LONGEST = 256

export function createFormSignIn({ passwords, limits }: FormSignInPorts): SignInMethod {
  return {
    upstream: 'demo-organisation',
    acrValues: [PASSWORD_ACR],
    forDemonstrationOnly: true,

    async begin(request) {
      return page(200, request, { username: request.loginHint?.slice(0, LONGEST) ?? '', problem: undefined })
    },

    async complete(request, form) {
      const { username, password } = read(form)
      const before = limits.admitSource(request.source, username, request.now)
      if (!before.ok) return tooMany(request, username, before.refusal)
      const person = await passwords.verifyDemoPassword(username, password)
      // Of many guesses made at once, those beyond the limit learn nothing: not even that one was right.
      const after = limits.admitSource(request.source, username, request.now)
      if (!after.ok) return tooMany(request, username, after.refusal)
      if (person === undefined) {
        limits.countFailure(request.source, username, request.now)
        return refuse({
          reason: 'wrong-credentials',
          facts: { username, count: 1 },
          next: page(401, request, { username, problem: WRONG }),
        })
      }
      return accept({ person, authentication: authenticatedAt(request.now) })
    },
  }
}

function tooMany(request: SignInRequest, username: string, { retryAfterSeconds, count }: RateRefusal) {
  const step = page(429, request, { username, problem: TOO_MANY })
  return refuse({ reason: 'rate-limited', facts: { username, count }, next: { ...step, retryAfterSeconds } })
}

function read(form: Form): { readonly username: string; readonly password: string } {
  const username = (form.get('username') ?? '').trim().slice(0, LONGEST)
  // Longer ones are nobody's, and hashing them would be work for an attacker to order.
  const password = form.get('password') ?? ''
  return { username, password: password.length > LONGEST ? '' : password }
}

function authenticatedAt(now: EpochSeconds) {
  return { authTime: now, acr: PASSWORD_ACR, amr: ['pwd'], upstream: 'demo-organisation' }
}

function page(
  status: number,
  { action, clientName }: SignInRequest,
  rest: Pick<FormPage, 'username' | 'problem'>,
): SignInStep & { readonly kind: 'page' } {
  return { kind: 'page', status, html: pageHtml(formPage({ action, clientName, ...rest })) }
}

/**
 * Reads which client a request claims to come from and by what means it wants to prove it.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-2.4 OAuth 2.1 §2.4}
 */
import { accept, CLIENT_ASSERTION_TYPE, type ClientId, type Result, refuse } from '@carnet/protocol'
import { peekJwt } from '@carnet/tokens'
import { type Form, formDecoded } from './form.ts'

/** One reading of the credentials in an `Authorization: Basic` header. */
export interface BasicCredentials {
  readonly id: ClientId
  readonly secret: string
}

/** Nothing here is verified. */
export type PresentedCredentials =
  | { readonly mechanism: 'basic'; readonly readings: readonly [BasicCredentials, ...BasicCredentials[]] }
  | { readonly mechanism: 'post'; readonly id: ClientId; readonly secret: string }
  | { readonly mechanism: 'assertion'; readonly id: ClientId; readonly assertion: string }
  | { readonly mechanism: 'none'; readonly id: ClientId }

export type PresentationRefusal = {
  readonly reason:
    | 'no-credentials'
    | 'unsupported-authorization-scheme'
    | 'malformed-basic-credentials'
    | 'several-mechanisms'
    | 'client-id-mismatch'
    | 'client-assertion-missing'
    | 'malformed-client-assertion'
    | 'unsupported-client-assertion-type'
}

/** Where a request may carry client credentials. All of it is attacker-controlled. */
export interface CredentialCarrier {
  readonly form: Form
  /** The `Authorization` header. */
  readonly authorization: string | undefined
}

/** Finds the one mechanism of the request; two at once are refused, whichever of them would have been right. */
export function presentedCredentials({
  form,
  authorization,
}: CredentialCarrier): Result<PresentedCredentials, PresentationRefusal> {
  const id = form.get('client_id') as ClientId | undefined
  const secret = form.get('client_secret')
  const assertion = form.get('client_assertion')
  const assertionType = form.get('client_assertion_type')
  const usesAssertion = assertion !== undefined || assertionType !== undefined
  const mechanisms = [authorization !== undefined, secret !== undefined, usesAssertion].filter(Boolean).length

  if (mechanisms > 1) return refuse({ reason: 'several-mechanisms' })
  if (authorization !== undefined) return basicCredentials(authorization, id)
  if (usesAssertion) return assertionCredentials(assertion, assertionType, id)
  if (id === undefined) return refuse({ reason: 'no-credentials' })
  return accept(secret === undefined ? { mechanism: 'none', id } : { mechanism: 'post', id, secret })
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i

/**
 * The readings of Basic credentials: form-decoded as the specification says, then raw as some clients send them
 * (Δ C-34). The two are the same for every id and secret we hand out.
 */
function basicCredentials(
  authorization: string,
  bodyId: ClientId | undefined,
): Result<PresentedCredentials, PresentationRefusal> {
  if (!/^basic(?: |$)/i.test(authorization)) return refuse({ reason: 'unsupported-authorization-scheme' })
  const encoded = BASIC.exec(authorization)?.[1]
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return refuse({ reason: 'malformed-basic-credentials' })

  const raw = { id: text.slice(0, colon) as ClientId, secret: text.slice(colon + 1) }
  const id = formDecoded(raw.id)
  const secret = formDecoded(raw.secret)
  const decoded = id === undefined || secret === undefined ? undefined : { id: id as ClientId, secret }
  const same = decoded?.id === raw.id && decoded.secret === raw.secret
  const all = decoded === undefined || same ? [raw] : [decoded, raw]

  const [first, ...rest] = bodyId === undefined ? all : all.filter((reading) => reading.id === bodyId)
  if (first === undefined) return refuse({ reason: 'client-id-mismatch' })
  return accept({ mechanism: 'basic', readings: [first, ...rest] })
}

/** The claimed client is the assertion's issuer: read unverified, to find whose keys must have signed it. */
function assertionCredentials(
  assertion: string | undefined,
  assertionType: string | undefined,
  bodyId: ClientId | undefined,
): Result<PresentedCredentials, PresentationRefusal> {
  if (assertionType !== CLIENT_ASSERTION_TYPE) return refuse({ reason: 'unsupported-client-assertion-type' })
  if (assertion === undefined) return refuse({ reason: 'client-assertion-missing' })
  const id = peekJwt(assertion)?.iss as ClientId | undefined
  if (id === undefined) return refuse({ reason: 'malformed-client-assertion' })
  if (bodyId !== undefined && bodyId !== id) return refuse({ reason: 'client-id-mismatch' })
  return accept({ mechanism: 'assertion', id, assertion })
}

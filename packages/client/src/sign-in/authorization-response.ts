/**
 * Decides whether an authorization response is the answer to the request that was sent, and from whom.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207#section-2.4 RFC 9207 §2.4}
 */
import { type AuthorizationServerMetadata, accept, Hidden } from '@carnet/protocol'
import { type Step, stop } from '../refusal.ts'

/**
 * The rule table for `iss`: advertised and absent is refused; present is compared byte for byte, advertised or
 * not. Nothing else of the response, its error text included, is looked at before.
 *
 * @param response - attacker-controlled, except that its `state` has been recognised
 */
export function checkResponseIssuer(
  response: URLSearchParams,
  { issuer, authorization_response_iss_parameter_supported: advertised }: AuthorizationServerMetadata,
): Step<undefined> {
  const [iss, ...more] = response.getAll('iss')
  if (iss === undefined) return advertised === true ? stop('sign-in', 'response-issuer-missing') : accept()
  return iss === issuer && more.length === 0 ? accept() : stop('sign-in', 'response-issuer-mismatch')
}

/** The authorization code of a response from the right issuer. */
export function readAuthorizationResponse(
  response: URLSearchParams,
  metadata: AuthorizationServerMetadata,
): Step<Hidden> {
  const fromIssuer = checkResponseIssuer(response, metadata)
  if (!fromIssuer.ok) return fromIssuer
  const [code, ...more] = response.getAll('code')
  if (response.has('error') || code === undefined || more.length > 0) return stop('sign-in', 'sign-in-refused')
  return accept(new Hidden(code))
}

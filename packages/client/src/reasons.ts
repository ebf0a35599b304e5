/**
 * Why something did not come about, as the caller of this library is told: a closed list, each reason with its
 * outcome and one fixed sentence that says what to do.
 */

/** What a caller switches on. */
export type ClientErrorCode =
  /** Company policy, or the server, says no to this person. Final: nothing else is tried. */
  | 'denied'
  /** A stronger or fresher sign-in would help. */
  | 'step-up-required'
  /** Nobody is signed in, or the sign-in has ended. */
  | 'sign-in-required'
  /** The sign-in that was begun did not succeed. */
  | 'sign-in-failed'
  /** Something is down; nothing was lost, try again later. */
  | 'unavailable'
  /** An administrator has to change a registration or a setting. */
  | 'misconfigured'
  /** The server cannot take part in enterprise-managed authorization, and nothing weaker is tried. */
  | 'not-enterprise-managed'
  /** A party's answer broke a rule, so it was not acted on. */
  | 'untrustworthy'

interface ReasonText {
  readonly code: ClientErrorCode
  readonly sentence: string
}

export const CLIENT_REASONS = {
  'not-signed-in': { code: 'sign-in-required', sentence: 'Sign in with your company account to continue.' },
  'sign-in-ended': { code: 'sign-in-required', sentence: 'Your company sign-in has ended. Sign in again to continue.' },
  'authentication-insufficient': {
    code: 'step-up-required',
    sentence: 'This needs a stronger or more recent company sign-in.',
  },

  'access-denied': { code: 'denied', sentence: 'Your company has not enabled this for you.' },
  'nothing-granted': { code: 'denied', sentence: 'None of the requested permissions can be granted to you.' },
  'no-account': { code: 'denied', sentence: 'The server has no active account for you.' },

  'sign-in-refused': { code: 'sign-in-failed', sentence: 'The company sign-in was refused or cancelled.' },
  'sign-in-abandoned': { code: 'sign-in-failed', sentence: 'The company sign-in was not completed in time.' },
  'browser-unavailable': { code: 'sign-in-failed', sentence: 'The system browser could not be opened.' },
  'response-issuer-missing': {
    code: 'sign-in-failed',
    sentence: 'The sign-in response does not say who sent it, although the company login promised it would.',
  },
  'response-issuer-mismatch': {
    code: 'sign-in-failed',
    sentence: 'The sign-in response came from another login than the company login.',
  },
  'code-refused': { code: 'sign-in-failed', sentence: 'The company login did not accept the end of the sign-in.' },
  'id-token-missing': { code: 'sign-in-failed', sentence: 'The company login gave no ID Token.' },
  'id-token-invalid': {
    code: 'sign-in-failed',
    sentence: 'The ID Token of the company login did not pass its checks.',
  },
  'person-changed': { code: 'sign-in-failed', sentence: 'The company login answered for another person.' },

  unreachable: { code: 'unavailable', sentence: 'The server could not be reached. Try again later.' },
  overloaded: { code: 'unavailable', sentence: 'The server is busy or down. Try again later.' },

  'client-not-accepted': {
    code: 'misconfigured',
    sentence: 'This application is not registered correctly. Ask your administrator.',
  },
  'no-usable-authentication': {
    code: 'misconfigured',
    sentence: 'This application has no credentials of a kind the authorization server takes. Ask your administrator.',
  },
  'target-unknown': {
    code: 'misconfigured',
    sentence: 'Your company login does not know this server. Ask your administrator to register it.',
  },
  'request-not-accepted': {
    code: 'misconfigured',
    sentence: 'The authorization server did not accept the request. Ask your administrator.',
  },
  'grant-not-accepted': {
    code: 'misconfigured',
    sentence: 'The server does not accept what your company login issues. Ask your administrator.',
  },
  'not-registered-at-server': {
    code: 'misconfigured',
    sentence:
      'This application is not registered with the authorization server of this MCP server. Ask your administrator.',
  },
  's256-not-advertised': {
    code: 'misconfigured',
    sentence: 'The company login does not say that it supports PKCE with S256. Ask your administrator.',
  },
  'endpoint-missing': {
    code: 'misconfigured',
    sentence: 'The company login does not offer what this needs. Ask your administrator.',
  },
  'server-address-unusable': { code: 'misconfigured', sentence: 'The address of the MCP server cannot be used.' },

  'not-enterprise-managed': {
    code: 'not-enterprise-managed',
    sentence: 'Your company requires managed authorization, which this server does not offer. Ask your administrator.',
  },

  'resource-metadata-missing': {
    code: 'untrustworthy',
    sentence: 'The MCP server does not say which authorization server protects it.',
  },
  'resource-mismatch': { code: 'untrustworthy', sentence: 'The MCP server describes itself as another server.' },
  'issuer-metadata-missing': { code: 'untrustworthy', sentence: 'The authorization server publishes no metadata.' },
  'issuer-mismatch': { code: 'untrustworthy', sentence: 'The authorization server calls itself by another name.' },
  'endpoint-foreign': {
    code: 'untrustworthy',
    sentence: 'The authorization server names an endpoint that is not its own.',
  },
  'endpoint-insecure': { code: 'untrustworthy', sentence: 'The authorization server names an endpoint without https.' },
  'answer-malformed': {
    code: 'untrustworthy',
    sentence: 'The authorization server answered in a way that is not defined.',
  },
  'answer-out-of-bounds': {
    code: 'untrustworthy',
    sentence: 'An address is not allowed, or an answer went beyond what is accepted.',
  },
  'not-an-id-jag': {
    code: 'untrustworthy',
    sentence: 'The company login did not issue the kind of grant it was asked for.',
  },
  'id-jag-mismatch': { code: 'untrustworthy', sentence: 'The company login issued a grant for something else.' },
  'token-type-unknown': {
    code: 'untrustworthy',
    sentence: 'The authorization server issued a kind of token that is not understood.',
  },
  'token-for-another-resource': {
    code: 'untrustworthy',
    sentence: 'The authorization server issued a token for another server.',
  },
} as const satisfies Readonly<Record<string, ReasonText>>

export type ClientReason = keyof typeof CLIENT_REASONS

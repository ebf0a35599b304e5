/**
 * Every type of security event, in one list. A type that is not here does not enter the log.
 *
 * Names are `family.past-tense` and never renamed: alert rules and saved searches depend on them.
 */
export const EVENT_TYPES = {
  'session.started': 'A person signed in, and a client redeemed the code of that sign-in.',
  'session.refused': 'A sign-in was refused.',
  'session.ended': 'A sign-in ended: logout, expiry, reuse of a refresh token, or withdrawal.',
  'session.refreshed': 'A refresh token was used and replaced by its successor.',
  'grant.issued': 'An exchange was granted: an ID-JAG was issued.',
  'grant.refused': 'An exchange was refused after its client had authenticated.',
  'token.issued': 'An ID-JAG was redeemed: an access token was issued.',
  'token.refused': 'A redemption was refused after its client had authenticated.',
  'token.revoked': 'A token was revoked on request of the client it was issued to.',
  'call.allowed': 'A guard let a request through to an MCP server.',
  'call.refused': 'A guard refused a request to an MCP server, or ended an open stream.',
  'call.events-lost': 'A guard could not deliver some of its events; the details say how many.',
  'client-authentication.refused': 'A client was not who it said it was, or used a method it may not use.',
  'client.public-exception-used': 'A public client was let through because an administrator named it as an exception.',
  'request.malformed': 'A request broke a rule of form.',
  'request.rate-limited': 'Requests were turned away because there were too many; the details say how many.',
  'dependency.failed': 'Something of ours was down; nothing was issued.',
  'keys.rotated': 'A new signing key took over, or one was removed.',
  'person.created': 'A person was added to the directory.',
  'person.changed': 'A person or their groups changed in the directory.',
  'person.disabled': 'A person was disabled: what they hold ends.',
  'person.enabled': 'A disabled person was enabled again.',
  'access.revoked': 'Access of a person, session, client, resource or token was withdrawn.',
  'account.linked': 'A person was linked to a local account of a Resource Authorization Server.',
  'client.registered': 'A client was registered or its registration changed.',
  'server.registered': 'An MCP server or authorization server was registered or changed.',
  'policy.changed': 'A new version of the policy took effect.',
  'administration.refused': 'A request to the administration API was refused.',
  'demo.seeded': 'The demo organisation was written to an empty database.',
} as const

export type EventType = keyof typeof EVENT_TYPES

export function isEventType(value: string): value is EventType {
  return Object.hasOwn(EVENT_TYPES, value)
}

/** Types that may be what ended a chain: looked for when its story is told. */
export const ENDING_TYPES = [
  'session.ended',
  'token.revoked',
  'access.revoked',
  'person.disabled',
] as const satisfies readonly EventType[]

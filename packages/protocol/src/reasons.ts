/**
 * Public reason codes: `family.reason`, carried on the wire as `carnet_reason` and never renamed.
 *
 * Each has one fixed sentence. Received and expected values are in the audit log only, found by `txn`.
 */
export const PUBLIC_REASONS = {
  'client.grant-not-allowed': 'This client is not registered for this grant.',
  'subject-token.invalid': 'The subject token was not accepted.',
  'subject-token.expired': 'The subject token has expired.',
  'subject-token.wrong-client': 'The subject token was issued to another client.',
  'subject-token.session-ended': 'The sign-in behind the subject token has ended.',
  'subject-token.person-inactive': 'The account behind the subject token is not active.',
  'target.unknown-audience': 'The audience is not a registered authorization server.',
  'target.one-audience-only': 'Exactly one audience is accepted.',
  'target.one-resource-only': 'Exactly one resource is accepted.',
  'target.malformed-resource': 'The resource must be an absolute URI without a fragment.',
  'target.resource-not-governed': 'The resource is not governed by this audience.',
  'target.resource-needed': 'A resource is needed, because this audience governs several.',
  'target.client-not-mapped': 'This client is not registered at that authorization server.',
  'policy.no-matching-rule': 'No rule of the company policy allows this.',
  'policy.forbidden': 'A rule of the company policy forbids this.',
  'scope.malformed': 'The scope parameter is malformed.',
  'scope.nothing-granted': 'None of the requested scopes can be granted.',
  'scope.unknown': 'The assertion names a scope this resource does not have.',
  'assertion.self-issued': 'An authorization server does not redeem its own grants.',
  'assertion.invalid-claims': 'The assertion lacks a required claim or has one of the wrong type.',
  'assertion.wrong-audience': 'The assertion is for another authorization server.',
  'assertion.wrong-client': 'The assertion was issued to another client.',
  'assertion.expired': 'The assertion has expired.',
  'assertion.not-yet-valid': 'The assertion is not valid yet.',
  'assertion.lifetime-too-long': 'The assertion is valid for longer than this server accepts.',
  'assertion.proof-missing': 'The assertion is bound to a key, and proof of that key is not accepted here yet.',
  'assertion.revoked': 'The access behind the assertion has been withdrawn.',
  'clock.skew': 'The clocks of the two authorization servers differ by more than is tolerated.',
  'jti.replayed': 'The assertion has already been redeemed.',
  'resource.not-governed': 'The assertion names a resource this server does not govern.',
  'resource.outside-assertion': 'The requested resource is not covered by the assertion.',
  'resource.choice-needed': 'The request must name one resource.',
  'account.unknown': 'No account at this service belongs to the person.',
  'account.disabled': 'The account at this service is disabled.',
  'issuer.client-not-permitted': 'This client may not redeem grants of that issuer.',
  'issuer.tenant-not-permitted': 'Grants of that tenant of the issuer are not accepted here.',
  'token.invalid': 'The access token is not valid.',
  'token.expired': 'The access token has expired.',
  'token.revoked': 'The access behind this token has been withdrawn.',
  'token.wrong-audience': 'The access token is for another resource.',
} as const

export type PublicReason = keyof typeof PUBLIC_REASONS

/** The fixed sentence of a public reason. */
export function sentenceOf(reason: PublicReason): string {
  return PUBLIC_REASONS[reason]
}

export function isPublicReason(value: unknown): value is PublicReason {
  return typeof value === 'string' && Object.hasOwn(PUBLIC_REASONS, value)
}

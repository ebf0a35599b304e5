export { createResourceAuthorizationServer, type ResourceAuthorizationServer } from './app.ts'
export {
  applyIssuerRevocation,
  type IssuerRevocation,
  type RevocationApplier,
} from './apply-issuer-revocation.ts'
export { type ResourceAsConfig, type ResourceAsSettings, settingsOf } from './config.ts'
export { type Metadata, mergedMetadata, metadataDocument } from './endpoints/metadata.ts'
export { endpointUrls } from './endpoints/paths.ts'
export type { TokenRequest } from './endpoints/token.ts'
export { createIssuerKeys } from './issuer-keys.ts'
export * from './ports.ts'
export { createRedemptionQuota, DEFAULT_QUOTA, type QuotaSettings, type RedemptionQuota } from './redeem/quota.ts'
export { type RedemptionContext, type RedemptionResponse, redeem } from './redeem/redeem.ts'
export type { RedemptionRefusal, RefusedRedemption } from './redeem/refusals.ts'
export { tellCaller } from './redeem/tell-caller.ts'
export { externalSubjectKey } from './redeem/withdrawn.ts'
export {
  checkGovernedResource,
  checkTrustedIssuer,
  type NewClientCredentials,
  newClientCredentials,
} from './registration-rules.ts'
export { type Registered, registrationsOf } from './registrations.ts'

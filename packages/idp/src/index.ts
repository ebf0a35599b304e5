export { createIssuer, type Issuer, type IssuerPorts } from './app.ts'
export {
  type ConfigProblem,
  configProblems,
  ISSUER_DEFAULTS,
  type IssuerConfig,
  type IssuerOptions,
  issuerConfig,
} from './config.ts'
export { type Exchanged, exchange } from './exchange/exchange.ts'
export { handleExchange } from './exchange/handle-exchange.ts'
export type { OidcRecord, OidcRecords, SignInRecords, SigningKeyStore } from './oidc/ports.ts'
export { createRefreshTokens } from './oidc/refresh-tokens.ts'
export { openRotatingKeys, type RotatingKeys, type RotationOptions } from './oidc/rotating-keys.ts'
export { ROUTES } from './oidc/routes.ts'
export type {
  ExchangeContext,
  Grants,
  IssuerKeys,
  PendingGrant,
  PolicyInForce,
  RefreshTokenFacts,
  RefreshTokens,
  Revocations,
} from './ports.ts'
export { createFormSignIn, type DemoPasswords, type FormSignInPorts, PASSWORD_ACR } from './sign-in/form-sign-in.ts'
export type { SignedIn, SignInMethod, SignInRefusal, SignInRequest, SignInStep } from './sign-in/method.ts'
export { createWhyPage, type PolicyRefusalFacts, type PolicyRefusals } from './why/why-page.ts'
export { inTheirWords, type TheirWordsContext, type WithdrawnThere } from './withdrawal/in-their-words.ts'

export { createGrantLedger, type GrantLedgerOptions } from './grant-ledger.ts'
export { createOidcRecords, removeOidcRecords } from './oidc-records.ts'
export { createSigningKeyStore, type SigningKeyStoreContext } from './signing-keys.ts'

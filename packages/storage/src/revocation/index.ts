export * from './revocation-store.ts'

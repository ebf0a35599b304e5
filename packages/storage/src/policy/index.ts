export * from './policy-store.ts'

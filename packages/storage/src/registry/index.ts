export * from './registry-store.ts'

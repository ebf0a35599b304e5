export * from './audit/index.ts'
export * from './engine/index.ts'
export * from './revocation/index.ts'

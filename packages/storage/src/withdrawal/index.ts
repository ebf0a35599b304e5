export * from './person-withdrawal.ts'

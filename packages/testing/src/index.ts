export * from './time-and-chance.ts'

export * from './manual-timer.ts'
export * from './time-and-chance.ts'

export * from './manual-timer.ts'
export * from './no-token-text.ts'
export { PostgresServer } from './postgres/server.ts'
export * from './time-and-chance.ts'

export { type Batcher, createBatcher } from './batcher.ts'
export type { ChangeListener, Database, Queryable, Transaction } from './database.ts'
export type { Migration } from './migrate.ts'
export { type DatabaseLocation, openDatabase } from './open.ts'

export { type AccountStore, accountsTopic, type Provisioned } from './account-store.ts'
export { type OpenResourceAs, type OpenResourceAsOptions, openResourceAs } from './open-resource-as.ts'
export type { RedemptionStore, RedemptionStoreOptions } from './redemption-store.ts'
export type { RegisteredKeys } from './registration-rows.ts'
export {
  createResourceAsStore,
  RESOURCE_AS_TOPIC,
  type ResourceAsStore,
  type ResourceAsStoreOptions,
} from './resource-as-store.ts'

export type { Answer } from './answers/answer.ts'
export { type Caller, callerKey } from './caller.ts'
export type {
  AuthorizationServerConfig,
  EndpointOptions,
  FeedOptions,
  GuardConfig,
  IntrospectionOptions,
} from './config.ts'
export { type Admission, createGuard, type Entry, type Guard, type GuardStatus } from './guard.ts'
export type { GuardPorts } from './ports.ts'
export type { EntryRefusal, GuardRefusal, MessageRefusal, TokenRefusal, ToolRefusal } from './refusals.ts'
export type { RequestFacts } from './request-facts.ts'
export { createStateHandles, type StateHandles } from './state-handles.ts'
export { guardFetch, toResponse } from './web.ts'

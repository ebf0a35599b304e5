export { createReplayGuard } from './replay-guard.ts'

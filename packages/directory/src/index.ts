export { type PersonalClaims, releasedClaims } from './released-claims.ts'
export { type PairwiseKey, pairwiseSession, type SubjectRefusal, subjectFor } from './subject-for.ts'
export * from './types.ts'
export * from './withdrawal.ts'

export { REQUIREMENTS, type RequirementId } from './matrix.ts'
export type { Requirement, Role } from './requirement.ts'

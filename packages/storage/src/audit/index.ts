export { type AuditLog, type AuditLogOptions, createAuditLog } from './audit-log.ts'
export { type AuditTrail, createAuditTrail, type RecentFilter } from './audit-trail.ts'

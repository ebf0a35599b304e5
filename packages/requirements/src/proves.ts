/**
 * Ties a test to the requirement it proves. The id is part of the test's name, so the traceability report and
 * the mutation table are read from real results.
 */
import { type TestFunction, test } from 'vitest'
import type { RequirementId } from './matrix.ts'

/**
 * @param requirement - one id, or several where one observation settles them together
 * @param title - what is seen to hold, as a sentence without subject: "refuses an assertion that has no exp"
 */
export function proves(requirement: RequirementId | readonly RequirementId[], title: string, body: TestFunction): void {
  const ids = typeof requirement === 'string' ? [requirement] : requirement
  test(`[${ids.join(' ')}] ${title}`, body)
}

/**
 * Reads from a finished test run which requirements were proved, and refuses a run that leaves a claim open.
 *
 * It speaks up only when the whole suite ran: a filtered run proves nothing about the rows it left out.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { REQUIREMENTS } from '../matrix.ts'
import type { Requirement } from '../requirement.ts'
import { renderDivergences, renderTraceability } from './pages.ts'
import { collectProofs, type Proof, unprovedClaims } from './proofs.ts'

export interface TraceabilityOptions {
  /** Folder of the generated pages. */
  readonly docs: string
  /** Rewrites the pages where true; otherwise compares them and fails the run where they differ. */
  readonly write: boolean
}

export function traceabilityReporter(options: TraceabilityOptions): Reporter {
  return {
    onTestRunEnd(testModules: readonly TestModule[]) {
      const proofs = collectProofs(observedTests(testModules))
      const problems = [...unprovedClaims(REQUIREMENTS, proofs), ...pageProblems(proofs, options)]
      for (const problem of problems) process.stderr.write(`traceability: ${problem}\n`)
      if (problems.length > 0) process.exitCode = 1
      else process.stdout.write(`traceability: ${countProved(REQUIREMENTS)} requirements proved by this run\n`)
    },
  }
}

function* observedTests(testModules: readonly TestModule[]) {
  for (const module of testModules) {
    for (const test of module.children.allTests()) {
      yield { name: test.name, file: module.relativeModuleId, state: test.result().state }
    }
  }
}

function pageProblems(proofs: ReadonlyMap<string, readonly Proof[]>, { docs, write }: TraceabilityOptions): string[] {
  const pages = {
    'traceability.md': renderTraceability(REQUIREMENTS, proofs),
    'divergences.md': renderDivergences(REQUIREMENTS),
  }
  return Object.entries(pages).flatMap(([name, text]) => {
    const path = `${docs}/${name}`
    if (write) writeFileSync(path, text)
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text)
      return [`${path} is out of date: run npm run docs:requirements`]
    return []
  })
}

function countProved(rows: readonly Requirement[]): number {
  return rows.filter(({ status }) => status === 'proved').length
}

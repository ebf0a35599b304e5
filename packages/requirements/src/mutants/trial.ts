/**
 * Tries the mutants of one file, in a process of its own: a test runner keeps what it has loaded, and a mutant must not be
 * met again where another file is tried. Receives `{ root, file, mutants }`, sends a verdict for each.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createVitest, type TestModule } from 'vitest/node'
import { type Mutant, mutate } from './mutant.ts'
import { setCurrentMutant } from './plugin.ts'
import { judge, type Verdict } from './verdict.ts'

export interface TrialRequest {
  readonly root: string
  readonly file: string
  /** All of that file. */
  readonly mutants: readonly Mutant[]
}

process.once('message', async ({ root, file, mutants }: TrialRequest) => {
  const path = resolve(root, file)
  const vitest = await createVitest('test', { root, watch: false, project: ['unit'], reporters: [{}], pool: 'threads' })
  vitest.config.related = [path]
  // Rule-level tests are those of the package that has the rule: what other packages build on it is the whole at work.
  const ownPackage = `${resolve(root, ...file.split('/').slice(0, 2))}/`
  const tests = (await vitest.getRelevantTestSpecifications()).filter(({ moduleId }) => moduleId.startsWith(ownPackage))
  for (const mutant of mutants) {
    let verdict: Verdict
    try {
      mutate(readFileSync(path, 'utf8'), mutant)
      setCurrentMutant(mutant)
      vitest.invalidateFile(path)
      const { testModules } = await vitest.runTestSpecifications(tests)
      verdict = judge(mutant.requirement, failedTests(testModules))
    } catch (error) {
      verdict = { kind: 'broken', message: String(error) }
    }
    await new Promise<void>((sent) => process.send?.(verdict, undefined, undefined, () => sent()))
  }
  await vitest.close()
  process.exit(0)
})

/** @throws Error where a test file did not run at all: that a file does not load says nothing about a rule */
function failedTests(modules: readonly TestModule[]): readonly string[] {
  return modules.flatMap((module) => {
    const tests = [...module.children.allTests()]
    if (tests.length === 0) {
      throw new Error(`${module.relativeModuleId} did not run: ${module.errors()[0]?.message ?? 'no tests'}`)
    }
    return tests.filter((test) => test.result().state === 'failed').map(({ name }) => name)
  })
}

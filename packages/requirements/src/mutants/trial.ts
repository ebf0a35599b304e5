/** Runs the rule-level tests of what depends on a mutated file, one mutant after the other in one test runner. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createVitest, type TestModule } from 'vitest/node'
import { type Mutant, mutate } from './mutant.ts'
import { setCurrentMutant } from './plugin.ts'
import { judge, type Verdict } from './verdict.ts'

export interface Trial {
  verdictOn(mutant: Mutant): Promise<Verdict>
  close(): Promise<void>
}

export async function openTrial(root: string): Promise<Trial> {
  const vitest = await createVitest('test', { root, watch: false, project: ['unit'], reporters: [{}] })
  const known = new Map<string, Awaited<ReturnType<typeof vitest.globTestSpecifications>>>()

  /** The test files that reach `file` through their imports. */
  async function testsOf(file: string) {
    const found = known.get(file)
    if (found !== undefined) return found
    vitest.config.related = [file]
    const specifications = await vitest.getRelevantTestSpecifications()
    known.set(file, specifications)
    return specifications
  }

  return {
    async verdictOn(mutant) {
      const file = resolve(root, mutant.file)
      try {
        mutate(readFileSync(file, 'utf8'), mutant)
        const tests = await testsOf(file)
        setCurrentMutant(mutant)
        vitest.invalidateFile(file)
        const { testModules } = await vitest.runTestSpecifications(tests)
        return judge(mutant.requirement, failedTests(testModules))
      } catch (error) {
        return { kind: 'broken', message: String(error) }
      } finally {
        setCurrentMutant(undefined)
        vitest.invalidateFile(file)
      }
    },
    close: () => vitest.close(),
  }
}

/** @throws Error where a test file did not run at all: that a file does not load says nothing about a rule */
function failedTests(modules: readonly TestModule[]): readonly string[] {
  return modules.flatMap((module) => {
    const tests = [...module.children.allTests()]
    if (tests.length === 0)
      throw new Error(`${module.relativeModuleId} did not run: ${module.errors()[0]?.message ?? 'no tests'}`)
    return tests.filter((test) => test.result().state === 'failed').map(({ name }) => name)
  })
}

/**
 * `npm run mutants`: takes out each verification rule in turn, runs the rule-level tests of what depends on it,
 * and prints which noticed. Exits non-zero where one went unnoticed or two rules are not tested apart.
 *
 * `npm run mutants -- RAS-13` runs those of one requirement, `-- packages/idp` those of one folder.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Mutant, mutate, readMutants } from './mutant.ts'
import { MUTANT_VARIABLE } from './plugin.ts'
import { judge, type Verdict } from './verdict.ts'

const root = resolve(import.meta.dirname, '../../../..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const filter = process.argv.at(2)

const mutants = readMutants(root).filter(
  ({ requirement, file }) => filter === undefined || requirement === filter || file.startsWith(filter),
)
const outcomes = await inParallel(mutants, Math.min(4, availableParallelism()), async (mutant) => {
  const verdict = await verdictOn(mutant)
  process.stdout.write(line(mutant, verdict))
  return verdict
})
const bad = outcomes.filter(({ kind }) => kind !== 'noticed').length
process.stdout.write(`\n${outcomes.length - bad} passed, ${bad} failed\n`)
process.exitCode = bad === 0 && outcomes.length > 0 ? 0 : 1

async function verdictOn(mutant: Mutant): Promise<Verdict> {
  try {
    mutate(readFileSync(join(root, mutant.file), 'utf8'), mutant)
  } catch (error) {
    return { kind: 'broken', message: String(error) }
  }
  const folder = mkdtempSync(join(tmpdir(), 'carnet-mutant-'))
  const report = join(folder, 'report.json')
  try {
    const args = ['related', mutant.file, '--run', '--project=unit', '--reporter=json', `--outputFile=${report}`]
    await new Promise<void>((done) => {
      const env = { ...process.env, [MUTANT_VARIABLE]: JSON.stringify(mutant) }
      execFile(process.execPath, [vitest, ...args], { cwd: root, env, timeout: 180_000 }, () => done())
    })
    return judge(mutant.requirement, failedTests(readFileSync(report, 'utf8')))
  } catch (error) {
    return { kind: 'broken', message: String(error) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[]
  }[]
}

function failedTests(json: string): readonly string[] {
  const report: JsonReport = JSON.parse(json)
  for (const { assertionResults, message, name } of report.testResults) {
    if (assertionResults.length === 0) throw new Error(`${name} did not run: ${message}`)
  }
  return report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ title }) => title),
  )
}

function line({ requirement, file, find }: Mutant, verdict: Verdict): string {
  const rule = find.trim().split('\n', 1)[0]?.slice(0, 90)
  const detail = {
    noticed: () => (verdict.kind === 'noticed' ? `${verdict.by.length} test(s)` : ''),
    unnoticed: () => 'NO TEST NOTICED',
    entangled: () => (verdict.kind === 'entangled' ? `ALSO FAILED: ${verdict.others.join(' · ')}` : ''),
    broken: () => (verdict.kind === 'broken' ? `DID NOT RUN: ${verdict.message}` : ''),
  }[verdict.kind]()
  return `${verdict.kind.padEnd(10)} ${requirement.padEnd(8)} ${file}: ${rule}\n           ${detail}\n`
}

async function inParallel<In, Out>(
  items: readonly In[],
  width: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = []
  const queue = items.entries()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of queue) results[index] = await work(item)
    }),
  )
  return results
}

/**
 * `npm run mutants`: takes out each verification rule in turn, runs the rule-level tests of what depends on it,
 * and prints which noticed. Exits non-zero where one went unnoticed or two rules are not tested apart.
 *
 * `npm run mutants -- RAS-13` runs those of one requirement, `-- packages/idp` those of one folder.
 */
import { resolve } from 'node:path'
import { type Mutant, readMutants } from './mutant.ts'
import { openTrial } from './trial.ts'
import type { Verdict } from './verdict.ts'

const root = resolve(import.meta.dirname, '../../../..')
const filter = process.argv.at(2)

const mutants = readMutants(root).filter(
  ({ requirement, file }) => filter === undefined || requirement === filter || file.startsWith(filter),
)
const trial = await openTrial(root)
let noticed = 0
for (const mutant of mutants) {
  const verdict = await trial.verdictOn(mutant)
  if (verdict.kind === 'noticed') noticed++
  process.stdout.write(line(mutant, verdict))
}
await trial.close()
process.stdout.write(`\n${noticed} passed, ${mutants.length - noticed} failed\n`)
process.exit(noticed === mutants.length && noticed > 0 ? 0 : 1)

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

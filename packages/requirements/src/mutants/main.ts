/**
 * `npm run mutants`: takes out each verification rule in turn, runs the rule-level tests of its package that reach it,
 * and prints which noticed. Exits non-zero where one went unnoticed or two rules are not tested apart.
 *
 * `npm run mutants -- RAS-13` runs those of one requirement, `-- packages/idp` those of one folder.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type Mutant, readMutants } from './mutant.ts'
import type { TrialRequest } from './trial.ts'
import type { Verdict } from './verdict.ts'

const root = resolve(import.meta.dirname, '../../../..')
const filter = process.argv.at(2)

const mutants = readMutants(root).filter(
  ({ requirement, file }) => filter === undefined || requirement === filter || file.startsWith(filter),
)
let noticed = 0
const files = new Set(mutants.map(({ file }) => file)).values()
await Promise.all(
  Array.from({ length: Math.min(4, availableParallelism()) }, async () => {
    for (const file of files) await tryFile(file)
  }),
)
process.stdout.write(`\n${noticed} passed, ${mutants.length - noticed} failed\n`)
process.exitCode = noticed === mutants.length && noticed > 0 ? 0 : 1

async function tryFile(file: string): Promise<void> {
  const waiting = mutants.filter((mutant) => mutant.file === file)
  const request: TrialRequest = { root, file, mutants: [...waiting] }
  const trial = fork(new URL('./trial.js', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  trial.on('message', (verdict: Verdict) => {
    const mutant = waiting.shift()
    if (mutant === undefined) return
    if (verdict.kind === 'noticed') noticed++
    process.stdout.write(line(mutant, verdict))
  })
  trial.send(request)
  await new Promise<void>((ended) => trial.once('exit', () => ended()))
  for (const mutant of waiting) process.stdout.write(line(mutant, { kind: 'broken', message: 'the trial broke off' }))
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

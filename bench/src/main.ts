/**
 * `npm run bench [-- <name> … --quick]`: runs the benchmarks, prints their ratios, and writes `bench/results/<name>.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Benchmark, FULL, QUICK } from './benchmark.ts'
import { fullFlow } from './benchmarks/full-flow.ts'
import { guard } from './benchmarks/guard.ts'
import { policy } from './benchmarks/policy.ts'
import { embedded, processes } from './benchmarks/token-endpoint.ts'

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  exchange: embedded('exchange'),
  redemption: embedded('redemption'),
  guard,
  policy,
  'full-flow': fullFlow,
  processes,
}

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url))

const args = process.argv.slice(2)
const named = args.filter((arg) => !arg.startsWith('--'))
const unknown = named.filter((name) => BENCHMARKS[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}\n`,
  )
  process.exit(2)
}

const effort = args.includes('--quick') ? QUICK : FULL
const machine = { cores: cpus().length, model: cpus()[0]?.model, node: process.version }
mkdirSync(RESULTS, { recursive: true })
for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
  if (named.length > 0 && !named.includes(name)) continue
  const { lines, figures } = await benchmark(effort)
  for (const line of lines) process.stdout.write(`${line}\n`)
  const result = { benchmark: name, at: new Date().toISOString(), machine, effort, ...figures }
  writeFileSync(`${RESULTS}${name}.json`, `${JSON.stringify(result, null, 2)}\n`)
}

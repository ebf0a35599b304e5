/** Runs a TypeScript program of a test as a process of its own, on any Node, from sources. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'

const root = join(import.meta.dirname, '..', '..', '..')

/** @returns the path of a bundle that Node can run */
export async function bundled(entry: string): Promise<string> {
  // Below `node_modules`, so that what is not bundled is found from there.
  const outDir = join(root, 'node_modules', '.cache', 'carnet-test-programs', String(process.pid))
  mkdirSync(outDir, { recursive: true })
  const name = basename(entry, '.ts')
  await build({
    configFile: false,
    root,
    logLevel: 'silent',
    ssr: { noExternal: [/^@carnet\//], resolve: { conditions: ['carnet-source'] } },
    build: { ssr: entry, outDir, emptyOutDir: false, rollupOptions: { output: { entryFileNames: `${name}.mjs` } } },
  })
  return join(outDir, `${name}.mjs`)
}

export interface Program {
  readonly process: ChildProcess
  /** What it printed so far, line by line. */
  readonly lines: readonly string[]
  /** Resolves with the first line that fits, or rejects when the program ends without one. */
  line(fits: (line: string) => boolean): Promise<string>
  /** Resolves with the exit code, or `null` if it was killed. */
  readonly ended: Promise<number | null>
}

export function run(program: string, args: readonly string[]): Program {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const lines: string[] = []
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))

  const line = (fits: (line: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const found = lines.find(fits)
      if (found !== undefined) return resolve(found)
      reader.on('line', (candidate) => fits(candidate) && resolve(candidate))
      void ended.then((code) => reject(new Error(`The program ended with ${code}: ${errors}`)))
    })
  return { process: child, lines, line, ended }
}

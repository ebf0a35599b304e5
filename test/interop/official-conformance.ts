/** Installs and runs the official conformance runner, which lives apart with its own lock file and its own Node. */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly description: string
  readonly errorMessage?: string
}

export interface Verdict {
  readonly exitCode: number
  readonly checks: readonly Check[]
  /** What the runner printed, for whoever has to find out why. */
  readonly output: string
}

const folder = join(import.meta.dirname, '../../conformance/official')
const runner = 'node_modules/@modelcontextprotocol/conformance/dist/index.js'

/** Installs exactly what the lock file says, unless it is there. No install script runs. */
export async function installOfficialRunner(): Promise<void> {
  const lock = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex')
  const stamp = join(folder, 'node_modules', '.carnet-installed')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === lock) return
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await promisify(execFile)(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  await writeFile(stamp, lock)
}

/** The runner needs Node 22: this one, or the one that was installed beside it. */
function nodeForRunner(): string {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const candidates = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]
  for (const name of candidates) {
    const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (existsSync(binary)) return binary
  }
  throw new Error(
    `The conformance runner needs Node 22 or later; there is none for ${platform} ${process.arch} in ${folder}`,
  )
}

/** The names the runner knows. */
export async function officialScenarios(kind: 'client' | 'authorization'): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(nodeForRunner(), [runner, 'list', `--${kind}`], { cwd: folder })
  return [...stdout.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name ?? '')
}

/** Our client, started with this Node, in one scenario. */
export function runClientScenario(scenario: string): Promise<Verdict> {
  // The runner splits its command at blanks.
  const node = /\s/.test(process.execPath) ? 'node' : process.execPath
  return run(['client', '--command', `${node} client.mjs`, '--scenario', scenario])
}

export interface AuthorizationServerUnderTest {
  readonly issuer: string
  /** For the code grant; the client must be registered with `http://127.0.0.1:<port>/callback`. */
  readonly client?: { readonly id: string; readonly secret?: string }
  readonly port?: number
  readonly resource?: string
  /** Does what a person does with the printed authorization URL, until the browser is sent back. */
  readonly signIn?: (authorizationUrl: string) => Promise<void>
}

/**
 * An authorization server of ours, in the runner's authorization-server scenarios.
 *
 * @param scenario - one of them, or `all`: the code grant needs what the metadata scenario found in the same run
 */
export function runAuthorizationServerScenarios(
  scenario: string,
  { issuer, client, port, resource, signIn }: AuthorizationServerUnderTest,
): Promise<Verdict> {
  const options = [
    ...(scenario === 'all' ? [] : ['--scenario', scenario]),
    ...(client === undefined ? [] : ['--client-id', client.id]),
    ...(client?.secret === undefined ? [] : ['--client-secret', client.secret]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(resource === undefined ? [] : ['--resource', resource]),
  ]
  return run(['authorization', '--url', issuer, '--verbose', ...options], signIn)
}

async function run(args: readonly string[], signIn?: (url: string) => Promise<void>): Promise<Verdict> {
  const results = await mkdtemp(join(tmpdir(), 'carnet-conformance-'))
  try {
    const { exitCode, output } = await started([...args, '--output-dir', results], signIn)
    return { exitCode, output, checks: await checksIn(results) }
  } finally {
    await rm(results, { recursive: true })
  }
}

const AUTHORIZATION_URL = /^https?:\/\/\S+[?&]code_challenge=\S+$/m

function started(
  args: readonly string[],
  signIn: ((url: string) => Promise<void>) | undefined,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const child = spawn(nodeForRunner(), [runner, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let output = ''
    let pending = signIn
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      const url = AUTHORIZATION_URL.exec(output)?.[0]
      if (url === undefined || pending === undefined) return
      pending(url).catch((error: unknown) => {
        child.kill()
        reject(error)
      })
      pending = undefined
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    child.once('close', (code) => resolve({ exitCode: code ?? -1, output }))
  })
}

async function checksIn(results: string): Promise<readonly Check[]> {
  const files = (await readdir(results, { recursive: true })).filter((name) => name.endsWith('checks.json'))
  const lists = await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(results, name), 'utf8'))))
  return lists.flat()
}

/** A real PostgreSQL server for tests: its own files, its own port on loopback, durable, gone afterwards. */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyPostgresBinaries } from './binaries.ts'
import { type UserAndGroup, unprivilegedUser } from './unprivileged.ts'

const USER = 'carnet_tests'
const READY = 'database system is ready to accept connections'
/** The postmaster's own failures, not what it tells clients that come too early. */
const GAVE_UP = /FATAL: {2}(?!the database system is)|database system is shut down/
const START_ATTEMPTS = 5

/**
 * Runs PostgreSQL until standard input closes, so that it ends with the process that started it, however that
 * one ends; its files too, unless told to keep them.
 */
const UNTIL_ABANDONED =
  '"$@" & server=$!; read -r order; kill -INT $server; wait $server; [ "$order" = keep ] || rm -rf "$HOME"'

/** What can be asked of PostgreSQL as it ships, small enough to be one of several. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
}

export class PostgresServer {
  /** Its files, all of them. */
  readonly home: string
  readonly #spawn: SpawnOptions
  readonly #password = randomBytes(24).toString('base64url')
  #port = 0
  #process: ChildProcess | undefined
  readonly #atExit = () => this.#abandon()

  private constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'carnet-postgres-'))
    chmodSync(this.home, 0o755)
    this.#spawn = {
      ...unprivilegedUser(),
      cwd: this.home,
      env: { PATH: process.env.PATH ?? '', HOME: this.home, LC_ALL: 'C', TZ: 'UTC' },
    }
  }

  /** Makes a new cluster and starts it; about two seconds. */
  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer()
    process.once('exit', server.#atExit)
    server.#initialise()
    await server.restart()
    return server
  }

  /** The URL of a database; by default of the one to connect to when creating others. */
  url(database = 'postgres'): string {
    return `postgres://${USER}:${this.#password}@127.0.0.1:${this.#port}/${database}`
  }

  /** Kills the server and all its processes as a loss of power would, except that the disk lives on. */
  async crash(): Promise<void> {
    const child = this.#running()
    const ended = once(child, 'exit')
    this.#killProcesses()
    child.stdin?.end('keep\n')
    await ended
    this.#process = undefined
  }

  /** Starts the server again on the same data and the same port. */
  async restart(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#port === 0) this.#port = await freePort()
      const output = await this.#launch()
      if (output === undefined) return
      if (attempt === START_ATTEMPTS) throw new Error(`PostgreSQL did not start:\n${output}`)
      // The port was taken in between, or a process of a crashed server is still on its way out.
      if (output.includes('could not bind')) this.#port = 0
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt))
    }
  }

  /** Stops the server and removes its files. */
  async stop(): Promise<void> {
    process.off('exit', this.#atExit)
    const child = this.#process
    this.#process = undefined
    if (child !== undefined) {
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    }
    rmSync(this.home, { recursive: true, force: true })
  }

  #initialise(): void {
    copyPostgresBinaries(join(this.home, 'postgres'))
    const passwordFile = join(this.home, 'password')
    writeFileSync(passwordFile, this.#password, { mode: 0o600 })
    mkdirSync(join(this.home, 'data'), { mode: 0o700 })
    const user = unprivilegedUser()
    if (user !== undefined) giveTo(user, this.home)
    const authentication = [`--username=${USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    const options = [...authentication, '--encoding=UTF8', '--no-locale', '--no-sync', '-D', join(this.home, 'data')]
    execFileSync(this.#binary('initdb'), options, { ...this.#spawn, stdio: 'pipe' })
    rmSync(passwordFile)
  }

  /** @returns what the server said, if it did not come up */
  async #launch(): Promise<string | undefined> {
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const command = [this.#binary('postgres'), '-D', join(this.home, 'data'), '-p', String(this.#port), ...settings]
    const stdio = ['pipe', 'ignore', 'pipe'] satisfies SpawnOptions['stdio']
    const child = spawn('sh', ['-c', UNTIL_ABANDONED, 'sh', ...command], { ...this.#spawn, stdio })
    let output = ''
    const ready = new Promise<boolean>((resolve) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-20_000)
        if (output.includes(READY)) resolve(true)
        // The shell outlives a server that gave up.
        if (GAVE_UP.test(output)) resolve(false)
      })
      child.once('exit', () => resolve(false))
    })
    if (await ready) {
      this.#process = child
      return undefined
    }
    child.stdin?.end('keep\n')
    return output
  }

  #running(): ChildProcess {
    if (this.#process === undefined) throw new Error('The server does not run')
    return this.#process
  }

  #abandon(): void {
    if (this.#process !== undefined) this.#killProcesses()
    rmSync(this.home, { recursive: true, force: true, maxRetries: 3 })
  }

  #killProcesses(): void {
    const postmaster = Number(readFileSync(join(this.home, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
    for (const pid of [postmaster, ...childrenOf(postmaster)]) killIfRunning(pid)
  }

  #binary(name: string): string {
    return join(this.home, 'postgres', 'bin', name)
  }
}

/** So that the unprivileged user can run the binaries, and remove it all in the end. */
function giveTo({ uid, gid }: UserAndGroup, folder: string): void {
  chownSync(folder, uid, gid)
  for (const { parentPath, name } of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    lchownSync(join(parentPath, name), uid, gid)
  }
}

/** Where the system does not say, the children end by themselves once they notice that the postmaster is gone. */
function childrenOf(pid: number): number[] {
  const list = `/proc/${pid}/task/${pid}/children`
  return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port')
  return address.port
}

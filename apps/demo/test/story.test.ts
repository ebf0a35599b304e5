/** `npm start`, as a newcomer runs it: the built program, in a folder of its own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { proves } from '@carnet/requirements/vitest'
import { findTokenText } from '@carnet/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DemoFile } from '../src/demo-file.ts'

const program = resolve(import.meta.dirname, '../dist/start.js')
const home = mkdtempSync(join(tmpdir(), 'carnet-demo-'))
const running = new Set<ChildProcess>()

let port: number
let told: string

beforeAll(async () => {
  port = await freePorts()
  const start = launch([])
  told = await printed(start, 'Ctrl-C stops it all')
  await stopped(start, 'SIGTERM')
}, 240_000)

afterAll(async () => {
  for (const child of running) await stopped(child, 'SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

describe('the story', () => {
  const told_ = [
    ['one sign-in opens both servers without a consent page', /both in parallel, with zero consent pages/],
    ['tools answer on both', /Tracker · list_issues → .*[\s\S]*Billing · list_invoices → /],
    ['a person without access is refused in a form to act on', /refused: denied, policy\.no-matching-rule/],
    ['the next step is a page that explains it', /which says: “Your company has not enabled Billing for you”/],
    ['nothing interactive is tried instead', /no interactive fallback/],
    [
      'a dropped scope is named with its rule',
      /dropped +issues\.admin: policy\.forbidden, by rule “destructive-is-for-administrators”/,
    ],
    ['nothing fails while the keys change', /rounds of exchange, redemption and two calls around it, 0 failed/],
    ['offboarding ends the calls', /from the click to her last successful call: \d+ ms/],
    ['and the open stream', /her open stream was closed \d+ ms after the click/],
    ['and is not undone by enabling her again', /she is asked to sign in anew/],
    ['one id tells the refused chain', /the refused chain: \d+ events/],
    ['and the successful one, to its end', /the successful chain: \d+ events[\s\S]*person\.disabled/],
  ] as const
  for (const [what, line] of told_) {
    test(what, () => {
      expect(told).toMatch(line)
    })
  }

  test('it ends well', () => {
    expect(told).not.toContain('went wrong')
    expect(told).not.toContain('The story ended with exit code')
  })
})

describe('what it leaves behind', () => {
  test('secrets are readable by their owner alone', () => {
    for (const file of ['demo.json', 'secrets.json', 'tracker.json', 'billing.json']) {
      expect(statSync(join(home, file)).mode & 0o777, file).toBe(0o600)
    }
  })

  proves('IDP-46', 'leaves no token, secret or assertion in the logs of any process', () => {
    const demo = readDemo()
    const secrets = [
      demo.admin.apiKey,
      ...demo.people.map(({ password }) => password),
      ...demo.clients.flatMap(({ issuerClient, perAuthorizationServer }) => [
        issuerClient.secret,
        ...Object.values(perAuthorizationServer).map(({ secret }) => secret),
      ]),
    ]
    const logs = readdirSync(join(home, 'logs')).map((name) => readFileSync(join(home, 'logs', name), 'utf8'))
    expect(logs.length).toBeGreaterThanOrEqual(3)
    expect(findTokenText([told, ...logs].join('\n'), secrets)).toEqual([])
  })
})

describe('a second start', () => {
  test('continues with the same data, after kill -9 as well; another process on the folder is refused', async () => {
    const before = readFileSync(join(home, 'demo.json'), 'utf8')
    const first = launch(['--no-story'])
    await printed(first, 'Ctrl-C stops it all')
    const second = launch(['--no-story'], { PORT: String(await freePorts()) })
    const [refusal, [code]] = await Promise.all([everythingOf(second), once(second, 'exit')])
    expect(code).toBe(1)
    expect(refusal).toContain(String(first.pid))
    expect(refusal).toContain(join(home, 'data'))

    await stopped(first, 'SIGKILL')
    const third = launch(['--no-story'])
    await printed(third, 'Ctrl-C stops it all')
    expect(readFileSync(join(home, 'demo.json'), 'utf8')).toBe(before)
    expect((await fetch(`${readDemo().issuer}/readyz`)).status).toBe(200)
    await stopped(third, 'SIGTERM')
  }, 180_000)

  test('names everything that is wrong with the environment at once', async () => {
    const child = launch(['--no-story'], { PORT: 'eighty', DATABASE_URL: 'mysql://somewhere' })
    const [text, [code]] = await Promise.all([everythingOf(child), once(child, 'exit')])
    expect(code).toBe(1)
    expect(text).toContain('PORT')
    expect(text).toContain('DATABASE_URL')
  })
})

function launch(args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, PORT: String(port), CARNET_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Everything it printed up to and including `mark`. */
function printed(child: ChildProcess, mark: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer) => {
      text += chunk
      if (text.includes(mark)) resolve(text)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.once('exit', (code) => reject(new Error(`it stopped (${code}) after printing:\n${text}`)))
  })
}

async function everythingOf(child: ChildProcess): Promise<string> {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk))
  await once(child, 'close')
  return text
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

function readDemo(): DemoFile {
  return JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8'))
}

/** A port whose neighbours, which the MCP servers use, are free as well. */
async function freePorts(): Promise<number> {
  for (;;) {
    const candidate = await listenOn(0)
    const others = await Promise.all([candidate + 11, candidate + 12].map((one) => listenOn(one).catch(() => 0)))
    if (candidate < 65_000 && !others.includes(0)) return candidate
  }
}

async function listenOn(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@carnet/storage'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openInFolder } from '../src/engine/embedded/open-embedded.ts'
import { bundled, type Program, run } from './engine-child-program.ts'
import { quietLog } from './quiet-log.ts'

let fresh: string
let home: string
let folder: string
const programs: Program[] = []

/** Each test starts from a copy of one new database: making one takes seconds. */
beforeAll(async () => {
  fresh = mkdtempSync(join(tmpdir(), 'carnet-engine-fresh-'))
  const db = await openDatabase({ folder: join(fresh, 'data') }, { log: quietLog })
  await db.close()
})
afterAll(() => rmSync(fresh, { recursive: true, force: true }))

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'carnet-engine-'))
  folder = join(home, 'data')
  cpSync(join(fresh, 'data'), folder, { recursive: true })
})
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.process.kill('SIGKILL')
    await program.ended
  }
  rmSync(home, { recursive: true, force: true })
})

const open = () => openDatabase({ folder }, { log: quietLog })

function started(program: string, ...args: string[]): Program {
  const running = run(program, args)
  programs.push(running)
  return running
}

describe('the embedded database', () => {
  test('keeps its data from one start to the next', async () => {
    const first = await open()
    await first.query('create table kept (text text)')
    await first.query('insert into kept values ($1)', ['still here'])
    await first.close()
    const second = await open()
    expect(await second.query('select text from kept')).toEqual([{ text: 'still here' }])
    await second.close()
  })

  test('makes a real fsync for every acknowledged write', async () => {
    const db = await openInFolder(folder, quietLog)
    await db.query('create table counted (n int)')
    const before = db.fsyncs
    for (let n = 0; n < 50; n++) await db.query('insert into counted values ($1)', [n])
    expect(db.fsyncs - before).toBeGreaterThanOrEqual(50)
    expect(await db.query('show fsync')).toEqual([{ fsync: 'on' }])
    await db.close()
  })

  test('makes its folder for this user alone', async () => {
    expect(statSync(join(fresh, 'data')).mode & 0o777).toBe(0o700)
    expect(statSync(join(fresh, 'data', 'pgdata')).mode & 0o777).toBe(0o700)
  })

  test('closes a folder that was open to others', async () => {
    chmodSync(folder, 0o755)
    const db = await open()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    await db.close()
  })

  test('answers with a fault once it is closed', async () => {
    const db = await openDatabase({ memory: true }, { log: quietLog })
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    await db.close()
    await expect(db.query('select 1')).rejects.toMatchObject({ code: 'store-unavailable' })
  })
})

describe('one process for each folder', () => {
  let opener: string
  let writer: string
  beforeAll(async () => {
    opener = await bundled(join(import.meta.dirname, 'programs', 'opener.ts'))
    writer = await bundled(join(import.meta.dirname, 'programs', 'writer.ts'))
  })
  afterAll(() => rmSync(join(opener, '..'), { recursive: true, force: true }))

  test('a second process is refused and told who has it', async () => {
    const first = started(opener, folder)
    await first.line((line) => line === 'opened')
    const second = started(opener, folder)
    const answer = await second.line((line) => line.startsWith('store-locked'))
    expect(answer).toContain(`process ${first.process.pid}`)
    expect(answer).toContain(folder)
    expect(await second.ended).toBe(0)
  })

  test('the same process is refused too', async () => {
    const db = await open()
    await expect(open()).rejects.toMatchObject({ code: 'store-locked' })
    await db.close()
  })

  test('a process that has closed it lets the next one in', async () => {
    const first = started(opener, folder)
    await first.line((line) => line === 'opened')
    first.process.stdin?.end()
    await first.line((line) => line === 'closed')
    const db = await open()
    await db.close()
  })

  test('the lock of a killed process is taken over, by exactly one of several', async () => {
    const first = started(opener, folder)
    await first.line((line) => line === 'opened')
    first.process.kill('SIGKILL')
    await first.ended
    const others = [1, 2, 3].map(() => started(opener, folder))
    const answers = await Promise.all(
      others.map((other) => other.line((line) => /^(?:opened|store-locked)/.test(line))),
    )
    expect(answers.filter((answer) => answer === 'opened')).toHaveLength(1)
  })

  test('a lock left by an earlier process with the same pid does not count', async () => {
    const left = { pid: process.pid, host: hostname(), started: 'long ago', released: false }
    writeFileSync(join(folder, 'lock.7'), JSON.stringify(left))
    const again = await open()
    expect(readdirSync(folder).filter((name) => name.startsWith('lock.'))).toEqual(['lock.8'])
    await again.close()
  })

  test('a lock of another machine is left alone, and the way out is named', async () => {
    const path = join(folder, 'lock.7')
    writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', started: '1', released: false }))
    await expect(open()).rejects.toMatchObject({ code: 'store-locked', message: expect.stringContaining(path) })
  })

  test('acknowledged writes survive kill -9', async () => {
    const program = started(writer, 'folder', folder)
    await program.line((line) => Number(line) >= 200)
    program.process.kill('SIGKILL')
    await program.ended
    const acknowledged = program.lines.map(Number).filter((n) => n > 0)
    const db = await open()
    const rows = await db.query<{ n: number }>('select n from acknowledged order by n')
    expect(rows.map(({ n }) => n)).toEqual(expect.arrayContaining(acknowledged))
    await db.close()
  })
})

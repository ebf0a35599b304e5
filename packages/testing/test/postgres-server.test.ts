import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { PostgresServer } from '@carnet/testing'
import pg from 'pg'
import { expect, test } from 'vitest'
import { bundled, run } from '../../storage/test/engine-child-program.ts'

const isRunning = (pid: number) => existsSync(`/proc/${pid}`)
const postmasterOf = (home: string) => Number(readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20)
}

test('runs a durable server as an unprivileged user, and leaves nothing behind', async () => {
  const server = await PostgresServer.start()
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  const { rows } = await client.query(`select current_setting('fsync') as fsync, inet_server_addr()::text as address`)
  expect(rows).toEqual([{ fsync: 'on', address: '127.0.0.1/32' }])
  await client.end()
  expect(statSync(join(server.home, 'data')).uid).not.toBe(0)

  const postmaster = postmasterOf(server.home)
  await server.stop()
  expect(existsSync(server.home)).toBe(false)
  expect(isRunning(postmaster)).toBe(false)
})

test('refuses a wrong password', async () => {
  const server = await PostgresServer.start()
  const url = new URL(server.url())
  url.password = 'wrong'
  await expect(new pg.Client({ connectionString: url.href }).connect()).rejects.toMatchObject({ code: '28P01' })
  await server.stop()
})

test('ends with the process that started it, even if that is killed', async () => {
  const program = await bundled(join(import.meta.dirname, 'programs', 'postgres-starter.ts'))
  const starter = run(program, [])
  const home = (await starter.line((line) => line.startsWith('home '))).slice('home '.length)
  const postmaster = postmasterOf(home)
  expect(isRunning(postmaster)).toBe(true)
  starter.process.kill('SIGKILL')
  await until(() => !isRunning(postmaster))
  await until(() => !existsSync(home))
  rmSync(join(program, '..'), { recursive: true, force: true })
})

/**
 * One process per data folder: two on the same PGlite folder silently lose each other's rows.
 *
 * Locks are numbered files, `lock.1`, `lock.2`, …; the highest number counts. A lock is only ever taken by
 * creating the next number, which the file system gives to one process, so taking over from a dead one
 * cannot race.
 */
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Fault } from '@carnet/protocol'
import { processStart } from './process-start.ts'

const LOCK_NAME = /^lock\.([0-9]+)$/

interface Holder {
  readonly pid: number
  readonly host: string
  /** Tells a process from a later one with the same pid. */
  readonly started: string
  readonly released: boolean
}

export interface FolderLock {
  release(): void
}

/** @throws {Fault} `store-locked` naming the folder and the process that has it */
export function lockFolder(folder: string): FolderLock {
  const self = { pid: process.pid, host: hostname(), started: processStart(process.pid) ?? 'unknown' }
  for (;;) {
    const last = highestLock(folder)
    if (last > 0) refuseIfHeld(folder, last)
    const own = last + 1
    if (!create(folder, own, { ...self, released: false })) continue
    if (highestLock(folder) !== own) {
      unlinkSync(lockPath(folder, own))
      continue
    }
    forgetBefore(folder, own)
    return { release: () => replace(folder, own, { ...self, released: true }) }
  }
}

function refuseIfHeld(folder: string, number: number): void {
  const path = lockPath(folder, number)
  const holder = readHolder(path)
  if (holder === undefined || holder.released) return
  if (holder.host !== hostname()) {
    throw new Fault(
      'store-locked',
      `The data folder ${folder} is in use by process ${holder.pid} on ${holder.host}. If that process is gone, delete ${path}.`,
    )
  }
  if (processStart(holder.pid) === holder.started) {
    throw new Fault(
      'store-locked',
      `The data folder ${folder} is in use by process ${holder.pid}. Stop that process, or use DATABASE_URL for several.`,
    )
  }
}

function lockNumbers(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => LOCK_NAME.exec(name)?.[1] ?? [])
    .map(Number)
}

function highestLock(folder: string): number {
  return Math.max(0, ...lockNumbers(folder))
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}`)
}

/** @returns whether this process made the file; its content appears with it */
function create(folder: string, number: number, holder: Holder): boolean {
  const draft = writeDraft(folder, holder)
  try {
    linkSync(draft, lockPath(folder, number))
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    unlinkSync(draft)
  }
}

function replace(folder: string, number: number, holder: Holder): void {
  renameSync(writeDraft(folder, holder), lockPath(folder, number))
}

function writeDraft(folder: string, holder: Holder): string {
  const path = join(folder, `.lock-draft-${process.pid}`)
  writeFileSync(path, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  return path
}

function forgetBefore(folder: string, number: number): void {
  for (const old of lockNumbers(folder)) if (old < number) rmSync(lockPath(folder, old), { force: true })
}

/** @returns `undefined` if the lock is gone or is nothing this program wrote */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw new Fault('store-locked', `The lock ${path} cannot be read. If no process uses the folder, delete it.`, {
      cause: error,
    })
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

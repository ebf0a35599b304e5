/** Programs of the demo that run as processes of their own. */
import { type ChildProcess, fork } from 'node:child_process'
import { openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface ChildProgram {
  stop(): Promise<void>
}

const READY_WITHIN_MILLISECONDS = 20_000

/** Starts a program that says when it is ready; what it prints goes into its log. */
export async function startProgram(file: string, args: readonly string[], logFile: string): Promise<ChildProgram> {
  const log = openSync(logFile, 'a', 0o600)
  const child = fork(path(file), args, { stdio: ['ignore', log, log, 'ipc'] })
  await ready(child, file, logFile)
  return {
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

/** Runs a program to its end, on our own terminal. */
export function runProgram(file: string, args: readonly string[]): Promise<number> {
  const child = fork(path(file), args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

function ready(child: ChildProcess, file: string, logFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${file} did not get ready; see ${logFile}`)),
      READY_WITHIN_MILLISECONDS,
    )
    child.once('message', () => {
      clearTimeout(timer)
      resolve()
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${file} stopped (${code}); see ${logFile}`))
    })
  })
}

/** Servers of this folder as processes of their own, so that what they spend can be told from what the load costs. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const READY_WITHIN_MILLISECONDS = 60_000

export interface ServerProcess<Ready> {
  readonly ready: Ready
  /** CPU time it has used so far, database included where that is embedded. */
  cpuMicroseconds(): Promise<number>
  stop(): Promise<void>
}

/** The child's side: says that it is ready, answers what it has used, and ends with its parent. */
export function serve(ready: object, close: () => Promise<void> = async () => {}): void {
  let isClosing = false
  const stop = () => {
    if (isClosing) return
    isClosing = true
    void close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  // Whoever started this process has gone, so nobody could stop it any more.
  process.once('disconnect', stop)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuMicroseconds: user + system })
  })
  process.send?.({ ready })
}

/** What the parent told this process. */
export function settings<Settings>(): Settings {
  return JSON.parse(process.argv[2] ?? 'null') as Settings
}

export async function startProcess<Ready>(file: string, told: object = {}): Promise<ServerProcess<Ready>> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(told)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    const { ready } = (await answer(child, file)) as { ready: Ready }
    return {
      ready,
      async cpuMicroseconds() {
        const heard = answer(child, file)
        child.send('cpu')
        return ((await heard) as { cpuMicroseconds: number }).cpuMicroseconds
      },
      stop: () => stop(child),
    }
  } catch (error) {
    await stop(child)
    throw error
  }
}

function answer(child: ChildProcess, file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => settle(() => reject(new Error(`${file} stopped (${code})`)))
    const onMessage = (message: unknown) => settle(() => resolve(message))
    const timer = setTimeout(
      () => settle(() => reject(new Error(`${file} does not answer`))),
      READY_WITHIN_MILLISECONDS,
    )
    const settle = (then: () => void) => {
      clearTimeout(timer)
      child.off('exit', onExit)
      child.off('message', onMessage)
      then()
    }
    child.once('exit', onExit)
    child.once('message', onMessage)
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

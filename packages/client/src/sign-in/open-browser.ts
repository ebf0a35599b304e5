/** Opens the person's own browser. No shell is involved, so nothing in a URL is ever a command (CLI-23). */
import { spawn } from 'node:child_process'

/**
 * @param url - canonical http(s) URL, as `browserUrl` gives it
 * @throws Error where no program could be started
 */
export function openSystemBrowser(url: string): Promise<void> {
  const [program, ...args] = browserCommand(process.platform, url)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { shell: false, detached: true, stdio: 'ignore' })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}

/** The program that opens a URL, and its arguments: the URL is one of them, whatever it contains. */
export function browserCommand(platform: NodeJS.Platform, url: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open', url]
  // Not `start` or `cmd`: they would read `&` and `^` in the URL.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  return ['xdg-open', url]
}

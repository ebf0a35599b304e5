/**
 * PGlite's file system with a working fsync.
 *
 * As shipped, PGlite runs PostgreSQL with fsync off and its file layer has none: an acknowledged commit may be
 * lost with the power. Here every fsync PostgreSQL asks for reaches the disk, or fails the commit.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** To be added to PGlite's start parameters in place of `-F`. */
export const DURABLE_PARAMETERS = ['-c', 'fsync=on', '-c', 'wal_sync_method=fsync', '-c', 'full_page_writes=on']

type ModuleOptions = Parameters<NodeFS['init']>[1]
type Module = Parameters<NonNullable<ModuleOptions['preRun']>[number]>[0]

/** Emscripten's error number for EIO. */
const EIO = 29
/** Bounds the memory of which directories are synced; forgetting one costs one more fsync. */
const MAX_REMEMBERED = 20_000

export class DurableNodeFs extends NodeFS {
  /** How often PostgreSQL asked for an fsync that was made. */
  fsyncs = 0
  readonly #inSyncedDirectory = new Set<string>()

  override async init(pglite: PGlite, options: ModuleOptions): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pglite, options)
    const preRun = [...(emscriptenOpts.preRun ?? []), (module: Module) => this.#install(module)]
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }

  #install(module: Module): void {
    const layer = nodeFsLayer(module)
    layer.stream_ops.fsync = (stream) => {
      try {
        this.#sync(stream.nfd, layer.realPath(stream.node))
        return 0
      } catch {
        // PostgreSQL must hear of it: it then stops acknowledging. (Throwing would unwind through WebAssembly.)
        return EIO
      }
    }
  }

  #sync(descriptor: number | undefined, path: string): void {
    if (descriptor === undefined) syncPath(path)
    else fsyncSync(descriptor)
    this.fsyncs++
    // A new file survives a power loss only once its directory entry does, and PGlite never asks for that.
    if (this.#inSyncedDirectory.has(path)) return
    if (this.#inSyncedDirectory.size >= MAX_REMEMBERED) this.#inSyncedDirectory.clear()
    syncPath(dirname(path))
    this.#inSyncedDirectory.add(path)
  }
}

function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

interface OpenFile {
  readonly nfd?: number
  readonly node: unknown
}

interface NodeFsLayer {
  readonly stream_ops: { fsync?: (stream: OpenFile) => number }
  realPath(node: unknown): string
}

function nodeFsLayer(module: object): NodeFsLayer {
  const layer = 'NODEFS' in module ? module.NODEFS : undefined
  if (!isNodeFsLayer(layer)) throw new Error('This version of PGlite has another file layer: fsync cannot be given')
  return layer
}

function isNodeFsLayer(layer: unknown): layer is NodeFsLayer {
  return typeof layer === 'object' && layer !== null && 'stream_ops' in layer && 'realPath' in layer
}

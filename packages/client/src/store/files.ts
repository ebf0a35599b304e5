/** Small private files that are there whole or not at all. */
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import type { Random } from '@carnet/protocol'

/** A reader sees the old file or the new one, and the new one survives a crash. */
export async function replaceFile(path: string, text: string, random: Random): Promise<void> {
  await rename(await newFile(path, text, random), path)
}

/** Makes a file unless it is there. Two processes that start together read the same text. */
export async function createOnce(path: string, text: string, random: Random): Promise<string> {
  const known = await readIfThere(path)
  if (known !== undefined) return known
  const temporary = await newFile(path, text, random)
  try {
    await link(temporary, path)
    return text
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    return await readFile(path, 'utf8')
  } finally {
    await rm(temporary, { force: true })
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The `code` of a system error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

async function newFile(path: string, text: string, random: Random): Promise<string> {
  const temporary = `${path}.${random.token(9)}.new`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  return temporary
}

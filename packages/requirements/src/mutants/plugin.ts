/** Serves one source file without one rule, to the tests of a mutation run. The file on disk is not touched. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vitest/config'
import { type Mutant, mutate } from './mutant.ts'

/** Where the mutation run says which rule is out. The configuration is loaded apart from it, so they share no module. */
const CURRENT = Symbol.for('carnet.mutant')

interface Holder {
  [CURRENT]?: Mutant | undefined
}

export function setCurrentMutant(mutant: Mutant | undefined): void {
  const holder: typeof globalThis & Holder = globalThis
  holder[CURRENT] = mutant
}

export function mutantPlugin(root: string): Plugin {
  return {
    name: 'carnet-mutant',
    enforce: 'pre',
    load(id) {
      const holder: typeof globalThis & Holder = globalThis
      const mutant = holder[CURRENT]
      if (mutant === undefined) return undefined
      const file = resolve(root, mutant.file)
      return id.split('?')[0] === file ? mutate(readFileSync(file, 'utf8'), mutant) : undefined
    },
  }
}

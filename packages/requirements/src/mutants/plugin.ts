/** Serves one source file without one rule, to the tests of a mutation run. The file on disk is not touched. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vitest/config'
import { type Mutant, mutate } from './mutant.ts'

/** Names the environment variable that carries the mutant, as JSON. */
export const MUTANT_VARIABLE = 'CARNET_MUTANT'

/** @param mutantJson - the value of that variable, if set */
export function mutantPlugin(root: string, mutantJson: string | undefined): Plugin[] {
  if (mutantJson === undefined) return []
  const mutant: Mutant = JSON.parse(mutantJson)
  const target = resolve(root, mutant.file)
  return [
    {
      name: 'carnet-mutant',
      enforce: 'pre',
      load(id) {
        return id.split('?')[0] === target ? mutate(readFileSync(target, 'utf8'), mutant) : undefined
      },
    },
  ]
}

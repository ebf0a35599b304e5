/** A rule, taken out: what a mutation run must notice. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const mutantFile = z.array(
  z.strictObject({
    requirement: z.string(),
    file: z.string(),
    find: z.string().min(1),
    replace: z.string().default(''),
  }),
)

export interface Mutant {
  readonly requirement: string
  /** Path of the source file, from the root of the repository. */
  readonly file: string
  /** Source text that implements the rule; stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** Every mutant of every package's `mutants.json`. */
export function readMutants(root: string): readonly Mutant[] {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => {
      const list = join(root, group, name, 'mutants.json')
      if (!existsSync(list)) return []
      return mutantFile
        .parse(JSON.parse(readFileSync(list, 'utf8')))
        .map((mutant) => ({ ...mutant, file: `${group}/${name}/${mutant.file}` }))
    }),
  )
}

/**
 * The source without the rule.
 *
 * @throws Error where the text to take out does not stand there exactly once: the mutant is out of date
 */
export function mutate(source: string, { file, find, replace }: Mutant): string {
  const pieces = source.split(find)
  const [before, after] = pieces
  if (pieces.length !== 2 || before === undefined || after === undefined) {
    throw new Error(`${file}: found ${pieces.length - 1} times, not once: ${find}`)
  }
  return before + replace + after
}
